import type { EventTask, Reporter, RunEvent } from "../core/run-event.js";
import { formatCount, formatDuration, plural } from "../core/quantity-text.js";
import { failureInBrief } from "./failure-text.js";
import { FailureLog } from "./failure-log.js";
import { OutputLines } from "./output-lines.js";
import { queuedText } from "./queued-text.js";
import type { ReportContext } from "./report-context.js";
import { finishedTasks, isWide, knownTasks, RunProgress, WIDE, type StepProgress } from "./run-progress.js";
import { formatRunStart } from "./start-text.js";
import { formatSummary } from "./summary-text.js";
import type { TextSink } from "./text-sink.js";
import { TimeStamps } from "./time-text.js";

type TaskFailed = Extract<RunEvent, { type: "task-failed" }>;

/** Milliseconds between two progress lines of a wide step. */
const PROGRESS_EVERY_MS = 5000;

/**
 * Lines for files and pipes: `time [Flow/12/score/3] text`. Whatever tasks print is shown. The start and end of each
 * task are shown for steps of few tasks; a wide fan-out says every few seconds how far it is.
 */
export class PlainReporter implements Reporter {
  readonly #progress = new RunProgress();
  readonly #output = new OutputLines();
  readonly #failures: FailureLog;
  readonly #stamps = new TimeStamps();
  /** When each wide step last told of its progress, and what. */
  readonly #told = new Map<string, { readonly time: number; readonly text: string }>();
  /** Steps that fanned out in one go: their last task is known when it comes. */
  readonly #fannedOut = new Set<string>();
  #pathspec = "millrace";
  readonly #sink: TextSink;
  readonly #context: ReportContext;

  constructor(sink: TextSink, context: ReportContext) {
    this.#sink = sink;
    this.#context = context;
    this.#failures = new FailureLog(context.colors);
  }

  report(event: RunEvent): void {
    this.#progress.apply(event);
    switch (event.type) {
      case "run-started":
        this.#pathspec = event.pathspec;
        for (const line of formatRunStart(event)) this.#line(event.time, event.pathspec, line);
        break;
      case "tasks-reused":
        this.#line(event.time, `${this.#pathspec}/${event.step}`, `${plural(event.count, "task")} reused from ${event.origin}`);
        break;
      case "tasks-planned":
        if (event.count > WIDE) {
          this.#fannedOut.add(event.step);
          this.#told.set(event.step, { time: event.time, text: "" });
          this.#line(event.time, `${this.#pathspec}/${event.step}`, `${plural(event.count, "task")} to run`);
        }
        break;
      case "task-queued":
        if (!this.#isWide(event.task)) this.#line(event.time, event.task, queuedText(event));
        break;
      case "task-started":
        if (!this.#isWide(event.task))
          this.#line(
            event.time,
            event.task,
            `${event.task.attempt === 0 ? "started" : `started again (attempt ${event.task.attempt + 1})`}${labelText(event.task)}`,
          );
        break;
      case "task-output":
        for (const { task, text } of this.#output.take(event)) this.#line(event.time, task, text);
        break;
      case "task-done": {
        this.#finishOutput(event.time, event.task);
        const { caught } = event;
        if (caught !== undefined)
          this.#line(event.time, event.task, `failed, and the error was caught: ${failureInBrief(caught, this.#context.colors)}`);
        if (this.#isWide(event.task)) this.#tellProgress(event.time, event.task);
        else this.#line(event.time, event.task, `done in ${formatDuration(event.durationMs)}${labelText(event.task)}`);
        break;
      }
      case "task-failed":
        this.#finishOutput(event.time, event.task);
        this.#tellFailure(event);
        break;
      case "notice":
        this.#line(event.time, this.#pathspec, event.level === "warning" ? `warning: ${event.text}` : event.text);
        break;
      case "spin-compared":
        break;
      case "interrupted":
        this.#line(event.time, this.#pathspec, `${event.signal}: stopping ${plural(event.running, "task")}; once more stops them at once`);
        break;
      case "run-finished":
        for (const step of this.#progress.steps.values()) this.#tellEnd(event.time, step);
        this.#sink.write(formatSummary({ event, origin: this.#progress.started?.origin, ...this.#context }));
        break;
    }
  }

  async close(): Promise<void> {
    await this.#sink.flush();
  }

  #finishOutput(time: number, task: EventTask): void {
    for (const line of this.#output.finish(task)) this.#line(time, task, line.text);
  }

  #tellFailure(event: TaskFailed): void {
    const told = this.#failures.describe(event);
    if (told === undefined) {
      this.#tellProgress(event.time, event.task);
      return;
    }
    this.#line(event.time, event.task, `${told.mark}${labelText(event.task)} ${told.text}`);
    if (told.details !== undefined) this.#sink.write(`\n${told.details}\n\n`);
  }

  #isWide(task: EventTask): boolean {
    return isWide(this.#progress, task.step);
  }

  #tellProgress(time: number, task: EventTask): void {
    const step = this.#progress.steps.get(task.step);
    if (step === undefined) return;
    const last = this.#told.get(step.name);
    const isComplete = this.#fannedOut.has(step.name) && finishedTasks(step) + step.failed >= knownTasks(step);
    if (isComplete || last === undefined || time - last.time >= PROGRESS_EVERY_MS) this.#tell(time, step, progressText(step));
  }

  /** Says how far a wide step came, unless that is the last that was said of it. */
  #tellEnd(time: number, step: StepProgress): void {
    const text = progressText(step);
    if (knownTasks(step) > WIDE && this.#told.get(step.name)?.text !== text) this.#tell(time, step, text);
  }

  #tell(time: number, step: StepProgress, text: string): void {
    this.#told.set(step.name, { time, text });
    this.#line(time, `${this.#pathspec}/${step.name}`, text);
  }

  #line(time: number, from: EventTask | string, text: string): void {
    const { colors } = this.#context;
    const name = typeof from === "string" ? from : from.pathspec;
    this.#sink.write(`${colors.gray(this.#stamps.format(time))} ${colors.cyan(`[${name}]`)} ${text}\n`);
  }
}

/** What the fan-out calls the item, behind what is said of its task. */
function labelText({ label }: EventTask): string {
  return label === undefined ? "" : ` (${label})`;
}

/** `1200/10000 done, 3 failed, 16 running`. */
function progressText(step: StepProgress): string {
  const parts = [`${formatCount(finishedTasks(step))}/${formatCount(knownTasks(step))} done`];
  if (step.failed > 0) parts.push(`${formatCount(step.failed)} failed`);
  if (step.retrying > 0) parts.push(`${formatCount(step.retrying)} to be tried again`);
  if (step.queued > 0) parts.push(`${formatCount(step.queued)} waiting for a machine`);
  if (step.running > 0) parts.push(`${formatCount(step.running)} running`);
  return parts.join(", ");
}
