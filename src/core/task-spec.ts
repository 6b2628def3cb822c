import type { Failure } from "./failure.js";
import type { ForeachFrame } from "./records.js";
import type { TaskRefRanges } from "./task-ref.js";

/** All that a task process needs to know of one attempt, as JSON. */
export interface TaskSpec {
  readonly flow: string;
  readonly run: string;
  readonly step: string;
  readonly task: string;
  /** From 0. */
  readonly attempt: number;
  /** Open fan-outs, outermost first. */
  readonly foreach: readonly ForeachFrame[];
  /** The tasks it goes on from: none for `start`, one, or a join's branches in the split's order. */
  readonly parents: TaskRefRanges;
  /**
   * The record of the one parent, as JSON, where whoever wrote this spec has it at hand and reading it would take its time. The
   * datastore has the same.
   */
  readonly parentRecord?: string;
  /** For a join: the run's index has its branches' records, and is so small that it should be read in their place. */
  readonly indexed?: true;
  /** For a join: what it joins, so that a static branch's inputs have names. */
  readonly join?: { readonly kind: "split" | "foreach"; readonly branches?: readonly string[] };
  /** `run` the step, or commit it as caught after `failure` (`catch`). */
  readonly mode: "run" | "catch";
  /** Attempts that may follow this one. */
  readonly retriesLeft: number;
  /** In mode `catch`: what failed it for good. */
  readonly failure?: Failure;
  /** Milliseconds one attempt may take. */
  readonly timeoutMs?: number;
  /** How many items a fan-out of this run may have. */
  readonly maxNumSplits: number;
  /** Bytes of output kept. */
  readonly maxLogBytes: number;
  /** The step has `@secrets`: what it prints is shown only when its process has told what to hide in it. */
  readonly hasSecrets?: true;
  /** Wait for a debugger, and stop in the step's first line. */
  readonly inspect?: InspectSpec;
}

/** Where a debugger finds the process of a task. */
export interface InspectSpec {
  readonly host: string;
  /** Another one when it is taken. */
  readonly port: number;
}

/** How one attempt ended, as the task process or its backend tells it. */
export type TaskOutcome =
  | {
      readonly status: "done";
      readonly transition: import("./transition.js").Transition;
      readonly startedAt: number;
      readonly finishedAt: number;
      readonly label?: string;
      readonly caught?: Failure;
      /** The record as it was written, for the run's index. */
      readonly record: string;
    }
  | {
      readonly status: "failed";
      readonly failure: Failure;
      readonly startedAt: number;
      readonly finishedAt: number;
      readonly label?: string;
      /** What `@retry`'s own `if` said of the error; absent when the process could not ask it. */
      readonly noRetry?: boolean;
      /** The record as it was written; absent when the process could not write one. */
      readonly record?: string;
    };
