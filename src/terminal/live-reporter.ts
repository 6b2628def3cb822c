import type { EventTask, Reporter, RunEvent } from "../core/run-event.js";
import { plural } from "../core/quantity-text.js";
import { FailureLog, formatTaskFailure } from "./failure-log.js";
import { failureInBrief } from "./failure-text.js";
import { LiveRegion, type Terminal } from "./live-region.js";
import { drawLiveView } from "./live-view.js";
import { OutputLines, type OutputLine } from "./output-lines.js";
import type { ReportContext } from "./report-context.js";
import { queuedText } from "./queued-text.js";
import { hasOneTask, isWide, RunProgress } from "./run-progress.js";
import { safeLine } from "./safe-text.js";
import { formatParameters, formatSpin } from "./start-text.js";
import { formatSummary } from "./summary-text.js";
import { labelledPathspec, taskName } from "./task-name.js";

/** Milliseconds between two frames. */
const FRAME_MS = 100;

/** A terminal that says when its size changes. */
export interface LiveTerminal extends Terminal {
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** The live view on a terminal: steps with their progress at the foot, what tasks print above. At most ten frames a second. */
export class LiveReporter implements Reporter {
  readonly #progress = new RunProgress();
  readonly #output = new OutputLines();
  readonly #failures: FailureLog;
  readonly #region: LiveRegion;
  readonly #timer: NodeJS.Timeout;
  readonly #onResize = (): void => this.#region.resized();
  /** Text that scrolls above the view at the next frame. */
  #above: string[] = [];
  #frame = 0;
  #ended = false;
  readonly #terminal: LiveTerminal;
  readonly #context: ReportContext;
  readonly #now: () => number;

  constructor(terminal: LiveTerminal, context: ReportContext, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#context = context;
    this.#now = now;
    this.#failures = new FailureLog(context.colors);
    this.#region = new LiveRegion(terminal);
    terminal.on("resize", this.#onResize);
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#timer.unref();
  }

  report(event: RunEvent): void {
    this.#progress.apply(event);
    const { colors } = this.#context;
    switch (event.type) {
      case "run-started": {
        const parameters = formatParameters(event.parameters);
        if (event.spin !== undefined) this.#say(colors.gray(formatSpin(event.spin)));
        else if (event.origin !== undefined) this.#say(colors.gray(`${event.pathspec} goes on from ${event.origin}`));
        if (parameters !== "") this.#say(colors.gray(`parameters: ${parameters}`));
        break;
      }
      case "task-output":
        for (const line of this.#output.take(event)) this.#sayOutput(line);
        break;
      case "task-queued":
        if (event.again === true && !isWide(this.#progress, event.task.step)) {
          this.#say(`${colors.yellow("!")} ${colors.bold(labelledPathspec(event.task))} ${queuedText(event)}`);
        }
        break;
      case "task-done":
        this.#finishOutput(event.task);
        if (event.caught !== undefined) {
          this.#say(
            `${colors.yellow("!")} ${colors.bold(labelledPathspec(event.task))} failed, and the error was caught: ${failureInBrief(event.caught, colors)}`,
          );
        }
        break;
      case "task-failed": {
        this.#finishOutput(event.task);
        const text = formatTaskFailure(event, this.#failures, colors);
        if (text !== undefined) this.#say(text);
        break;
      }
      case "notice":
        this.#say(event.level === "warning" ? `${colors.yellow("warning")} ${event.text}` : colors.gray(event.text));
        break;
      case "interrupted":
        this.#say(colors.yellow(`${event.signal}: stopping ${plural(event.running, "task")}; once more stops them at once`));
        break;
      case "run-finished":
        this.#end();
        this.#terminal.write(`\n${formatSummary({ event, origin: this.#progress.started?.origin, ...this.#context })}`);
        break;
      case "tasks-reused":
      case "tasks-planned":
      case "spin-compared":
      case "task-started":
        break;
    }
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#terminal.off("resize", this.#onResize);
    this.#draw();
    this.#region.end();
  }

  #draw(): void {
    const above = this.#above.join("");
    this.#above = [];
    if (this.#progress.started === undefined && above === "") return;
    const lines = drawLiveView({
      progress: this.#progress,
      unfinished: this.#ended ? [] : this.#output.unfinished,
      now: this.#now(),
      // One column is left free: some terminals break a line that fills the last one.
      columns: (this.#terminal.columns ?? 80) - 1,
      rows: (this.#terminal.rows ?? 24) - 2,
      colors: this.#context.colors,
      frame: this.#frame++,
    });
    this.#region.draw(above, lines);
  }

  #finishOutput(task: EventTask): void {
    for (const line of this.#output.finish(task)) this.#sayOutput(line);
  }

  #sayOutput({ task, stream, text }: OutputLine): void {
    const { colors } = this.#context;
    const bar = stream === "stderr" ? colors.yellow("│") : colors.gray("│");
    this.#say(`${colors.cyan(taskName(task, hasOneTask(this.#progress, task.step)))} ${bar} ${safeLine(text)}`);
  }

  #say(text: string): void {
    this.#above.push(`${text}\n`);
  }
}
