import type { Reporter, RunEvent } from "../core/run-event.js";
import { FailureLog, formatTaskFailure } from "./failure-log.js";
import { formatFailure } from "./failure-text.js";
import type { ReportContext } from "./report-context.js";
import { formatFinalLine } from "./summary-text.js";
import type { TextSink } from "./text-sink.js";

/** Failures and the last line, nothing else. */
export class QuietReporter implements Reporter {
  readonly #failures: FailureLog;
  #origin: string | undefined;
  readonly #sink: TextSink;
  readonly #context: ReportContext;

  constructor(sink: TextSink, context: ReportContext) {
    this.#sink = sink;
    this.#context = context;
    this.#failures = new FailureLog(context.colors);
  }

  report(event: RunEvent): void {
    const { colors } = this.#context;
    if (event.type === "run-started") this.#origin = event.origin;
    else if (event.type === "task-failed" && event.retryInMs === undefined) this.#line(formatTaskFailure(event, this.#failures, colors));
    else if (event.type === "run-finished") {
      if (event.failure !== undefined) this.#line(`${formatFailure(event.failure, colors)}\n`);
      this.#line(formatFinalLine({ event, origin: this.#origin, colors }));
      if (event.resume !== undefined) this.#line(`  ${colors.gray("go on")}  ${colors.cyan(event.resume)}`);
    }
  }

  async close(): Promise<void> {
    await this.#sink.flush();
  }

  #line(text: string | undefined): void {
    if (text !== undefined) this.#sink.write(`${text}\n`);
  }
}
