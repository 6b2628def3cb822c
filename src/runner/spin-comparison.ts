import { isSameArtifact } from "../core/artifact-ref.js";
import type { ArtifactChange } from "../core/run-event.js";
import type { RunStore } from "../datastore/run-store.js";
import { ownTask, type RunTask } from "../datastore/run-tasks.js";
import { TaskArtifacts, type TaskArtifact } from "../datastore/task-artifacts.js";

/** An artifact of a spin beside the one of the task that was run again. */
export interface ComparedArtifact extends ArtifactChange {
  /** What the spin's task has. */
  readonly now: TaskArtifact | undefined;
  /** What the run's task had. */
  readonly before: TaskArtifact | undefined;
}

/** The task of a spin as it ended; undefined when it left no record. */
export async function spunResult(spin: RunStore, step: string, task: string): Promise<RunTask | undefined> {
  const record = (await spin.done(step, task)) ?? (await spin.failed(step, task, 0));
  return record === undefined ? undefined : ownTask(spin, record);
}

/** What the task set, now or before, and how that differs. Of a task that failed: what it had set by then. */
export function compareArtifacts(now: TaskSide, before: TaskSide): readonly ComparedArtifact[] {
  const [ours, theirs] = [artifactsOf(now), artifactsOf(before)];
  const names = [...ours.values(), ...theirs.values()].filter(({ own }) => own).map(({ name }) => name);
  return [...new Set(names)].map((name) => compared(name, ours.get(name), theirs.get(name)));
}

export interface TaskSide {
  readonly run: RunStore;
  readonly task: RunTask;
}

function artifactsOf({ run, task }: TaskSide): ReadonlyMap<string, TaskArtifact> {
  return new Map(new TaskArtifacts(run).of(task).map((artifact) => [artifact.name, artifact]));
}

function compared(name: string, now: TaskArtifact | undefined, before: TaskArtifact | undefined): ComparedArtifact {
  if (before === undefined) return { name, change: "new", now, before };
  if (now === undefined) return { name, change: "gone", now, before };
  return { name, change: isSameArtifact(now.ref, before.ref) ? "same" : "different", now, before };
}
