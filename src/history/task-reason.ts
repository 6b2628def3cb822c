import type { Failure } from "../core/failure.js";
import type { RunRecord, RunStatus } from "../core/records.js";
import { formatPathspec } from "../core/pathspec.js";
import { parseTaskRef, unpackTaskRefs } from "../core/task-ref.js";
import { RunStore } from "../datastore/run-store.js";
import { readRunTasks, type RunTask, type RunTasks } from "../datastore/run-tasks.js";
import { allows, downstream, makePlan } from "../scheduler/step-plan.js";

/** Why a task of a run ran, or was reused. */
export type TaskReason =
  /** The run goes on from no other. */
  | { readonly kind: "no-origin" }
  /** It was run again by itself. */
  | { readonly kind: "spun"; readonly of: string }
  /** An earlier run had finished it, and nothing before it ran anew. */
  | { readonly kind: "reused"; readonly from: RunTask; readonly codeChanged: boolean }
  /** `resume STEP` named its step, or one before it. */
  | { readonly kind: "told"; readonly step: string }
  /** Tasks that it goes on from ran in this run. */
  | { readonly kind: "after"; readonly tasks: readonly string[]; readonly count: number; readonly first: Explanation | undefined }
  | { readonly kind: "failed"; readonly before: string; readonly attempts: number; readonly failure: Failure | undefined }
  /** It was at work when the earlier run ended. */
  | { readonly kind: "cut-off"; readonly before: string; readonly status: RunStatus }
  /** The earlier run never came to it. */
  | { readonly kind: "not-begun"; readonly before: string; readonly status: RunStatus }
  /** Its record cannot be read. */
  | { readonly kind: "damaged"; readonly before: string; readonly message: string }
  /** It went on in a way that the code does not have any more. */
  | { readonly kind: "way-gone"; readonly before: string }
  /** It is finished there now, so it must have become so, or readable, after this run had begun. */
  | { readonly kind: "done-later"; readonly before: string }
  /** The earlier run is not there any more. */
  | { readonly kind: "origin-gone"; readonly origin: string };

export interface Explanation {
  readonly pathspec: string;
  readonly task: RunTask;
  readonly reason: TaskReason;
}

/** Tasks that are named of those that a task goes on from. */
const NAMED = 5;

/** Tells of tasks of one run why they ran or were reused, from its records and those of the runs it goes on from. */
export class TaskReasons {
  readonly #run: RunStore;
  readonly #tasks: RunTasks;
  readonly #now: number;
  #origin: Promise<OriginTasks | undefined> | undefined;

  constructor(run: RunStore, tasks: RunTasks, now: number) {
    this.#run = run;
    this.#tasks = tasks;
    this.#now = now;
  }

  async explain(task: RunTask): Promise<Explanation> {
    return { pathspec: task.pathspec, task, reason: await this.#reason(task) };
  }

  async #reason(task: RunTask): Promise<TaskReason> {
    const { origin, graph, spin } = this.#run.record;
    if (origin === undefined) return { kind: "no-origin" };
    if (spin !== undefined) return { kind: "spun", of: `${formatPathspec(this.#run.flow, origin.run)}/${spin.task}` };
    if (task.reused) return { kind: "reused", from: task, codeChanged: task.ranIn.record.code.hash !== this.#run.record.code.hash };
    if (origin.step !== undefined && downstream(graph, origin.step).has(task.step)) return { kind: "told", step: origin.step };
    return (await this.#afterOthers(task)) ?? (await this.#inOrigin(task));
  }

  /** A task that goes on from one that ran anew runs anew. */
  async #afterOthers(task: RunTask): Promise<TaskReason | undefined> {
    const anew = Array.from(unpackTaskRefs(task.record?.parents ?? []), parseTaskRef).filter(({ run }) => run === undefined);
    const [first] = anew;
    if (first === undefined) return undefined;
    const parent = this.#tasks.get(first.step, first.task);
    return {
      kind: "after",
      tasks: anew.slice(0, NAMED).map(({ step, task: id }) => formatPathspec(this.#run.flow, this.#run.id, step, id)),
      count: anew.length,
      first: parent === undefined ? undefined : await this.explain(parent),
    };
  }

  async #inOrigin({ step, task }: RunTask): Promise<TaskReason> {
    const { flow, record } = this.#run;
    this.#origin ??= readOrigin(this.#run, this.#now);
    const origin = await this.#origin;
    if (origin === undefined) return { kind: "origin-gone", origin: formatPathspec(flow, record.origin?.run ?? "") };
    const { tasks, run } = origin;
    const before = formatPathspec(flow, run.id, step, task);
    const found = tasks.get(step, task);
    const damage = tasks.damaged.find(({ message }) => message.includes(`${before} `) || message.endsWith(before));
    if (found === undefined && damage !== undefined) return { kind: "damaged", before, message: damage.message };
    if (found === undefined) return { kind: "not-begun", before, status: tasks.status };
    if (found.status === "failed") return { kind: "failed", before, attempts: found.attempt + 1, failure: found.failure };
    if (found.status === "running") return { kind: "cut-off", before, status: tasks.status };
    const plan = makePlan(record.graph, 1, () => 1).get(step);
    const transition = found.record?.next;
    return plan !== undefined && transition !== undefined && !allows(plan, transition)
      ? { kind: "way-gone", before }
      : { kind: "done-later", before };
  }
}

interface OriginTasks {
  readonly run: RunStore;
  readonly tasks: RunTasks;
}

/** The run whose tasks could be taken over: one that was killed before it had noted what it takes over itself is passed by. */
async function readOrigin(run: RunStore, now: number): Promise<OriginTasks | undefined> {
  let at: RunStore | undefined = run;
  do {
    const origin: RunRecord["origin"] = at.record.origin;
    at = origin === undefined ? undefined : await RunStore.openReferred(run.store, run.flow, origin.run);
  } while (at?.record.origin !== undefined && (await at.reused()) === undefined);
  return at === undefined ? undefined : { run: at, tasks: await readRunTasks(at, now) };
}
