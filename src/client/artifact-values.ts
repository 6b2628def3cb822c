import { inspect } from "node:util";
import { isInline } from "../core/artifact-ref.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import { readAhead } from "../core/read-ahead.js";
import type { RunTask } from "../datastore/run-tasks.js";
import { readerFor, type ValueOptions } from "./artifact.js";
import { artifactUnknown } from "./artifact-unknown.js";
import type { DamageOptions } from "./damages.js";
import { List } from "./list.js";
import type { OpenRun } from "./open-run.js";
import { Task } from "./task.js";

/** Values read at once, and bytes of those that are read and not taken yet. */
const AT_ONCE = 16;
const ROOM_BYTES = 32 * 1024 * 1024;

export type ArtifactValuesOptions = DamageOptions & ValueOptions;

/**
 * One artifact of every finished task of a step, in the order of the tasks. A few values are read ahead, within bounds:
 * ten thousand large ones do not have to fit into memory.
 */
export class ArtifactValues<F, T> extends List<T> {
  readonly #entries: List<readonly [task: Task<F>, value: T]>;

  /** @internal */
  constructor(open: OpenRun, step: string, name: string, options: ArtifactValuesOptions) {
    const what = `values of ${open.run.pathspec}/${step}, ${name}`;
    super(what, options, async function* (onDamaged) {
      for await (const [, value] of read<T>(open, step, name, options, onDamaged)) yield value;
    });
    this.#entries = new List(what, options, async function* (onDamaged) {
      for await (const [task, value] of read<T>(open, step, name, options, onDamaged)) yield [new Task<F>(open, task), value] as const;
    });
  }

  /** Each value with the task that has it. */
  entries(): List<readonly [task: Task<F>, value: T]> {
    return this.#entries;
  }

  override [inspect.custom](): string {
    return super[inspect.custom]().replace("count()", "count(), entries()");
  }
}

/** @throws MillraceError `artifact-unknown` when none of the tasks has it */
async function* read<T>(
  open: OpenRun,
  step: string,
  name: string,
  options: ValueOptions,
  onDamaged: (error: Error) => void,
): AsyncGenerator<readonly [RunTask, T]> {
  const { tasks, damaged } = await open.tasks();
  for (const error of damaged) onDamaged(error);
  const done = tasks.filter((task) => task.step === step && task.status === "done");
  requireSomewhere(open, done, name);
  const reader = readerFor(open.datastore.store, options);
  const load = async (task: RunTask): Promise<Loaded> => {
    try {
      const found = open.artifacts.find(task, name);
      // A task that could have set it and did not has it undefined, as in the flow.
      return { task, value: found && (await reader.load(found.ref, `${task.pathspec}/${name}`)) };
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      return { task, error };
    }
  };
  for await (const loaded of readAhead(done, load, { atOnce: AT_ONCE, room: ROOM_BYTES, weightOf: (task) => sizeOf(open, task, name) })) {
    if ("error" in loaded) onDamaged(loaded.error);
    else yield [loaded.task, loaded.value as T];
  }
}

type Loaded = { readonly task: RunTask } & ({ readonly value: unknown } | { readonly error: Error });

/** A name that no task has is misspelt. */
function requireSomewhere(open: OpenRun, tasks: readonly RunTask[], name: string): void {
  const [first] = tasks;
  if (first === undefined || tasks.some((task) => open.artifacts.find(task, name) !== undefined)) return;
  const names = open.artifacts.of(first).map((artifact) => artifact.name);
  throw artifactUnknown(first.pathspec, name, names);
}

/** Bytes of a value that is read from a blob; what stands in a record is there already. */
function sizeOf(open: OpenRun, task: RunTask, name: string): number {
  try {
    const ref = open.artifacts.find(task, name)?.ref;
    return ref === undefined || isInline(ref) ? 0 : ref.size;
  } catch {
    // What is wrong with it is said when it is read.
    return 0;
  }
}
