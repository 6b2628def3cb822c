import type { Failure } from "../../src/core/failure.js";
import type { EventTask, RunEvent } from "../../src/core/run-event.js";
import { noColors } from "../../src/terminal/colors.js";
import type { ReportContext } from "../../src/terminal/report-context.js";
import type { TextSink } from "../../src/terminal/text-sink.js";

/** Collects what is written. */
export class MemorySink implements TextSink {
  text = "";

  write(text: string): void {
    this.text += text;
  }

  async flush(): Promise<void> {}

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

export const context: ReportContext = { colors: noColors, program: "millrace", cwd: "/home/ada/project", datastoreOption: "" };

/** 2026-03-07, 14:03 local time. */
export const START = new Date(2026, 2, 7, 14, 3, 0).getTime();

export function task(step: string, id = "0", more: Partial<EventTask> = {}): EventTask {
  return { pathspec: `ScoreFlow/12/${step}/${id}`, step, task: id, attempt: 0, ...more };
}

export const failure: Failure = {
  code: "exception",
  name: "TypeError",
  message: "Cannot read properties of undefined (reading 'text')",
  frames: [
    { file: "flow.ts", line: 23, column: 12, function: "ScoreFlow.score" },
    { file: "src/rows.ts", line: 3, column: 4, function: "" },
  ],
  codeFrame: "  22 |   score(row: Row) {\n> 23 |     return row.text.length;\n     |            ^\n  24 |   }",
};

type WithoutTime<E> = E extends RunEvent ? Omit<E, "time"> & { readonly time?: number } : never;

/** Events with times, one millisecond apart unless they say otherwise. */
export function timed(events: readonly WithoutTime<RunEvent>[]): RunEvent[] {
  return events.map((event, place) => ({ time: START + place, ...event }));
}

export const started: WithoutTime<RunEvent> = {
  type: "run-started",
  pathspec: "ScoreFlow/12",
  flow: "ScoreFlow",
  run: "12",
  steps: ["start", "score", "end"],
  parameters: { alpha: 0.5 },
  datastore: "/home/ada/project/.millrace",
  maxWorkers: 16,
};

export const done: WithoutTime<RunEvent> = {
  type: "run-finished",
  pathspec: "ScoreFlow/12",
  status: "done",
  durationMs: 3400,
  counts: { done: 3, failed: 0, reused: 0 },
  failures: [],
  results: "ScoreFlow/12/end",
  datastore: "/home/ada/project/.millrace",
};

export const failed: WithoutTime<RunEvent> = {
  ...done,
  status: "failed",
  counts: { done: 1, failed: 1, reused: 0 },
  failures: [{ pathspec: "ScoreFlow/12/score/0", attempt: 0, failure }],
  resume: "millrace resume flow.ts",
};
