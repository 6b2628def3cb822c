import type { FlowDefinition } from "../core/definition.js";
import type { Graph, Problem } from "../core/graph.js";
import type { GivenParameters } from "../core/given-parameters.js";
import type { InspectSpec } from "../core/task-spec.js";
import type { PackagingOptions, RunOptions, RunResult } from "../core/records.js";
import type { Reporter } from "../core/run-event.js";
import type { Package } from "./packed-flow.js";

/** What starts a run of a flow that is open. */
export interface RunRequest {
  /** By field name. */
  readonly parameters: GivenParameters;
  readonly options: RunOptions;
  readonly tags: readonly string[];
  readonly user: string;
  readonly reporter: Reporter;
  /** Aborted: no new tasks, running ones are stopped. */
  readonly stop: AbortSignal;
  /** Aborted: everything ends at once. */
  readonly kill: AbortSignal;
  /** Called with the run's id as soon as it is taken. */
  readonly onRunId?: (run: string) => void;
  /** Build the command that goes on from the given run. */
  readonly resumeCommand: (run: string) => string;
}

/** What goes on from an earlier run. */
export interface ResumeRequest extends Omit<RunRequest, "parameters" | "options"> {
  /** The run to go on from; absent: the newest of the flow. */
  readonly originRun?: string;
  /** Run this step and all after it again. */
  readonly fromStep?: string;
  /** What was said anew; the rest is the origin's. */
  readonly options: Partial<RunOptions>;
}

/** One task of an earlier run, to be run again. */
export interface SpinRequest extends Omit<RunRequest, "parameters" | "options" | "tags" | "resumeCommand"> {
  /** The task's run: its id, or `latest`. */
  readonly originRun: string;
  readonly step: string;
  /** May be left out when the step has one task, or one that failed. */
  readonly task?: string;
  /** Values in the place of those that the task had, by artifact; `score/3.total` in a join, `input` for the item. */
  readonly set: readonly SetValue[];
  /** Which code the flow was opened with. */
  readonly code: "today" | "recorded";
  /** Wait for a debugger, and stop in the step's first line. */
  readonly inspect?: InspectSpec;
  /** What was said anew; the rest is the origin's. */
  readonly options: Partial<RunOptions>;
}

/** A value that a spin is given. */
export interface SetValue {
  readonly name: string;
  readonly value: unknown;
  /** For messages: `--set total`. */
  readonly source: string;
}

export interface FinishedRun {
  /** `ScoreFlow/12`. */
  readonly pathspec: string;
  readonly result: RunResult;
}

/** A flow whose code is loaded in a task process: what `run`, `resume`, `check` and `show` start from. */
export interface FlowSession extends AsyncDisposable {
  readonly definition: FlowDefinition;
  /** Undefined when there are problems. */
  readonly graph: Graph | undefined;
  readonly problems: readonly Problem[];
  /** @throws MillraceError for bad parameters, before anything starts. */
  run(request: RunRequest): Promise<FinishedRun>;
  /**
   * @throws MillraceError `resume-nothing` when there is no earlier run, and others.
   * A run that was already done comes back with `alreadyDone`, nothing started.
   */
  resume(request: ResumeRequest): Promise<FinishedRun & { readonly alreadyDone?: true }>;
  /**
   * Runs one task of an earlier run again, once, on exactly what it started from. The result is a run of its own,
   * `ScoreFlow/12-spin-1`, that holds this task alone.
   * @throws MillraceError `task-unknown`, `spin-ambiguous`, `spin-not-started`, `spin-step-changed`, `spin-name-unknown`, and others.
   */
  spin(request: SpinRequest): Promise<FinishedRun>;
  /** What would travel with the flow to other machines, if all its steps but those with `@local` ran there. */
  package(packaging: PackagingOptions | undefined): Promise<Package>;
}
