import type { ArtifactRef } from "./artifact-ref.js";
import type { FlowDefinition } from "./definition.js";
import type { Failure } from "./failure.js";
import type { GivenParameters } from "./given-parameters.js";
import type { JsonValue } from "./json.js";
import type { RunRecord } from "./records.js";
import type { SourcePosition } from "./source-position.js";
import type { StoreAddress } from "./store-address.js";
import type { TaskOutcome, TaskSpec } from "./task-spec.js";

/** What the scheduler's side tells a task process. One answer comes back for each. */
export type TaskProcessRequest =
  | {
      readonly type: "load";
      /** The executable bundle. */
      readonly bundle: string;
      readonly exportName?: string;
      /** Read the class and answer with its definition; a further process of the same run need not. */
      readonly describe: boolean;
    }
  | {
      readonly type: "prepare";
      readonly store: StoreAddress;
      readonly given: GivenParameters;
      /** Of the run that is resumed: its parameters stay as they were. */
      readonly kept?: Readonly<Record<string, ArtifactRef>>;
      /** Likewise, values of field initialisers that have not changed. */
      readonly keptInitial?: Readonly<Record<string, ArtifactRef>>;
      /** The folder of the flow's file. */
      readonly flowDir: string;
    }
  | { readonly type: "open-run"; readonly store: StoreAddress; readonly run: RunRecord }
  | { readonly type: "run-task"; readonly spec: TaskSpec }
  | { readonly type: "retry-if"; readonly step: string; readonly failure: Failure };

/** What a task process is told while a task is at work in it. */
export type TaskProcessAdvice =
  /** The tasks to go on with, one after another, when the one at work is done. */
  | { readonly type: "next-tasks"; readonly specs: readonly TaskSpec[] }
  /** Those of them that have not begun are not to begin any more: the answer is `next-tasks-left`. */
  | { readonly type: "no-next-tasks" };

/** An error of millrace's own on its way to another process. */
export interface WireError {
  readonly code: string;
  readonly parameters: JsonValue;
  readonly position?: SourcePosition;
}

export type TaskProcessAnswer =
  | { readonly type: "loaded"; readonly definition?: FlowDefinition; readonly exportName?: string }
  | {
      readonly type: "prepared";
      readonly parameters: Readonly<Record<string, ArtifactRef>>;
      readonly initial: Readonly<Record<string, ArtifactRef>>;
      readonly shown: Readonly<Record<string, JsonValue>>;
    }
  | { readonly type: "opened" }
  | {
      readonly type: "task-ended";
      readonly outcome: TaskOutcome;
      /** The datastore was slow or failed, and was asked again: why. */
      readonly trouble?: string;
      /** The process printed during the task. */
      readonly printed: boolean;
      /** The process should take no further task, and why. */
      readonly retire?: string;
      /** The first of the `next-tasks` begins, or all are left, also those still on the way. Absent: none has come yet; when one comes, it begins. */
      readonly next?: "begins" | "left";
    }
  /** No answer, but on the way to one: the values of the task's secrets, which are not to be shown. In memory only. */
  | { readonly type: "secrets"; readonly values: readonly string[] }
  /** None of the `next-tasks` that came before `no-next-tasks` will begin from here on. */
  | { readonly type: "next-tasks-left" }
  | { readonly type: "retry-if"; readonly retry: boolean }
  /** The request could not be met. */
  | { readonly type: "refused"; readonly errors: readonly WireError[]; readonly failure?: Failure };
