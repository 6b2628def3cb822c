import type { Failure } from "./failure.js";
import type { JsonValue } from "./json.js";
import type { TaskCounts } from "./records.js";

/** What happens in a run, in order: the live view, plain lines, `--json` and `millrace/runner` are made of these alone. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly time: number;
      /** `ScoreFlow/12`. */
      readonly pathspec: string;
      readonly flow: string;
      readonly run: string;
      readonly steps: readonly string[];
      readonly parameters: Readonly<Record<string, JsonValue>>;
      readonly datastore: string;
      readonly maxWorkers: number;
      /** The pathspec of the run it goes on from. */
      readonly origin?: string;
      /** For a spin: the pathspec of the task it runs again, and with which code. */
      readonly spin?: { readonly task: string; readonly code: "today" | "recorded" };
    }
  | { readonly type: "tasks-reused"; readonly time: number; readonly step: string; readonly count: number; readonly origin: string }
  /** Tasks of a step that are now known to come: one, or a fan-out's. */
  | { readonly type: "tasks-planned"; readonly time: number; readonly step: string; readonly count: number }
  | {
      /** A task waits for a machine. */
      readonly type: "task-queued";
      readonly time: number;
      readonly task: EventTask;
      /** As which job, of what: `AWS Batch`. */
      readonly job: string;
      readonly where: string;
      /** It had one, and has lost it: the same attempt begins from the start. */
      readonly again?: true;
    }
  | { readonly type: "task-started"; readonly time: number; readonly task: EventTask }
  | { readonly type: "task-output"; readonly time: number; readonly task: EventTask; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "task-done"; readonly time: number; readonly task: EventTask; readonly durationMs: number; readonly caught?: Failure }
  | {
      readonly type: "task-failed";
      readonly time: number;
      readonly task: EventTask;
      readonly durationMs: number;
      readonly failure: Failure;
      /** Milliseconds until the next attempt; absent when there is none. */
      readonly retryInMs?: number;
      /** How many attempts are left after this one. */
      readonly retriesLeft: number;
    }
  | { readonly type: "notice"; readonly time: number; readonly level: "info" | "warning"; readonly code: string; readonly text: string }
  /** After a spin: how what the task set differs from what it had set in its run. */
  | { readonly type: "spin-compared"; readonly time: number; readonly with: string; readonly artifacts: readonly ArtifactChange[] }
  | { readonly type: "interrupted"; readonly time: number; readonly signal: string; readonly running: number }
  | {
      readonly type: "run-finished";
      readonly time: number;
      readonly pathspec: string;
      readonly status: "done" | "failed" | "interrupted";
      readonly durationMs: number;
      readonly counts: TaskCounts;
      readonly failures: readonly { readonly pathspec: string; readonly attempt: number; readonly failure: Failure }[];
      /** For a failure that is no task's (a full disk). */
      readonly failure?: Failure;
      /** The command that goes on from here; absent when done, and for a spin. */
      readonly resume?: string;
      /** The pathspec to dump for what it ended with: the end step's, or a spin's one task. */
      readonly results: string;
      readonly datastore: string;
    };

export interface ArtifactChange {
  readonly name: string;
  /** `gone`: the task had set it and now has not. */
  readonly change: "same" | "different" | "new" | "gone";
}

export interface EventTask {
  readonly pathspec: string;
  readonly step: string;
  readonly task: string;
  readonly attempt: number;
  readonly label?: string;
}

/** Hears a run's events. */
export interface Reporter {
  report(event: RunEvent): void;
  /** Resolves when everything reported has been shown. */
  close(): Promise<void>;
}
