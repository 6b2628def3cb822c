import type { LogLine } from "../../datastore/task-log.js";
import type { Colors } from "../../terminal/colors.js";
import { taskName } from "../../terminal/task-name.js";
import type { TextSink } from "../../terminal/text-sink.js";
import { TimeStamps } from "../../terminal/time-text.js";
import type { RunTask } from "../../datastore/run-tasks.js";

export interface LogPrinterOptions {
  /** Undefined: both. */
  readonly stream: "stdout" | "stderr" | undefined;
  readonly timestamps: boolean;
  /** Say before each line which task printed it. */
  readonly names: boolean;
  /** Whether a step has one task alone. */
  isOnly(step: string): boolean;
  readonly colors: Colors;
}

/** Prints lines of logs as they were printed; with names or times before them if asked for. */
export class LogPrinter {
  readonly #sink: TextSink;
  readonly #options: LogPrinterOptions;
  readonly #stamps = new TimeStamps();

  constructor(sink: TextSink, options: LogPrinterOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  print(task: Pick<RunTask, "step" | "task" | "label">, lines: readonly LogLine[]): void {
    const { stream, timestamps, names, colors } = this.#options;
    const name = names ? `${colors.cyan(`[${taskName(task, this.#options.isOnly(task.step))}]`)} ` : "";
    for (const line of lines) {
      if (stream !== undefined && line.stream !== stream) continue;
      const time = timestamps ? `${colors.gray(this.#stamps.format(line.time))} ` : "";
      // A line without its end stands as it was printed only where nothing else follows it.
      const end = line.complete || names || timestamps ? "\n" : "";
      this.#sink.write(`${time}${name}${line.text}${end}`);
    }
  }
}
