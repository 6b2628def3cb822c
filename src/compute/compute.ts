import type { RunningTask } from "../core/records.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { GraphStep } from "../core/graph.js";
import type { Failure } from "../core/failure.js";

/** What a backend tells of one attempt while it has it. */
export interface AttemptListener {
  /**
   * It waits elsewhere for a machine: as which job, of what (`AWS Batch`). Not told by a backend that has the machine.
   * @param again It had one, and has lost it: it will begin from the start.
   */
  queued(job: string, where: string, again: boolean): void;
  /** The attempt has a process and begins; once more after it was queued again. */
  started(): void;
  output(stream: "stdout" | "stderr", text: string): void;
  /** The process that runs it finds the datastore slow or failing, and asks again. */
  trouble?(reason: string): void;
  /** It came to its end. This or `withdrawn` is the last word; exactly once. */
  ended(outcome: TaskOutcome): void;
  /** It never began, and will not. */
  withdrawn(): void;
}

/** A place where tasks run. One attempt is submitted at a time; the backend queues what it cannot start at once. */
export interface Compute extends AsyncDisposable {
  /** How much of `--max-workers` a task of the step takes. */
  slotsOf(step: GraphStep): number;
  submit(spec: TaskSpec, listener: AttemptListener): void;
  /** Asks the step's own `retry.if`, if it has one, about a failure that its process could not look at. */
  retryIf(step: string, failure: Failure): Promise<boolean>;
  /** Attempts at work now, for the run's lease. */
  running(): readonly RunningTask[];
  /** Takes back the attempts that have not begun. */
  withdraw(): void;
  /** Takes back what has not begun and ends what runs: `gently` lets it clean up for a moment, `at-once` does not. Each still tells its end. */
  stop(how: "gently" | "at-once"): void;
}
