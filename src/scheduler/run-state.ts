import { formatTaskId } from "../core/task-id.js";
import { formatTaskRef, packTaskRefs, type TaskRef, type TaskRefRanges } from "../core/task-ref.js";
import type { Transition } from "../core/transition.js";
import { countRunning, mergeRounds, pathIn, type Frame, type Rounds } from "./frame.js";
import type { FinishedTask, Origin } from "./origin.js";
import { ReadyQueue } from "./ready-queue.js";
import { allows, type Plan, type StepPlan } from "./step-plan.js";
import type { Task } from "./task.js";

/** Hears what becomes of tasks before they run. */
export interface RunStateListener {
  planned(step: string, count: number): void;
  reused(task: FinishedTask): void;
}

/** One control thread of the run on its way to a step. */
interface Thread {
  readonly target: string;
  readonly frame: Frame | undefined;
  readonly branch: number;
  readonly parents: TaskRefRanges;
  readonly rounds: Rounds;
  /** Some task before ran in this run, so nothing after may be taken over from an earlier one. */
  readonly fresh: boolean;
}

const NO_ROUNDS: Rounds = new Map();

/**
 * Where a run stands, as a state machine without IO: tasks become ready, are taken, end, and make others ready.
 * A task is ready → running → done, or → failed, or waits for its next attempt → ready. A failure for good stops the
 * run from starting more (or, when it keeps going, only what comes after the task).
 */
export class RunState {
  readonly #plan: Plan;
  readonly #origin: Origin | undefined;
  readonly #keepGoing: boolean;
  readonly #listener: RunStateListener;
  readonly #ready = new ReadyQueue();
  /** Work that takes no slot of this machine: it does not wait behind work that does. */
  readonly #readyElsewhere = new ReadyQueue();
  readonly #todo: Thread[] = [];
  /** Tasks that became known since it was last told, by step. */
  readonly #planned = new Map<string, number>();
  #stopped = false;
  #ended = false;
  #running = 0;
  #waiting = 0;
  readonly counts = { done: 0, failed: 0, reused: 0 };

  constructor(options: {
    readonly plan: Plan;
    readonly origin: Origin | undefined;
    readonly keepGoing: boolean;
    readonly listener: RunStateListener;
  }) {
    this.#plan = options.plan;
    this.#origin = options.origin;
    this.#keepGoing = options.keepGoing;
    this.#listener = options.listener;
  }

  /** The end step is done. */
  get reachedEnd(): boolean {
    return this.#ended;
  }

  /** No task starts any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  get running(): number {
    return this.#running;
  }

  /** Nothing runs and nothing more will. */
  get isOver(): boolean {
    return this.#running === 0 && (this.#stopped || (this.#waiting === 0 && this.#ready.isEmpty && this.#readyElsewhere.isEmpty));
  }

  start(): void {
    this.#todo.push({ target: "start", frame: undefined, branch: 0, parents: [], rounds: NO_ROUNDS, fresh: false });
    this.#settle();
  }

  /** No task starts from now on. */
  stop(): void {
    this.#stopped = true;
    this.#ready.clear();
    this.#readyElsewhere.clear();
  }

  /** The next task to run, if it needs no more than the free slots; it counts as running from here. */
  take(freeSlots: number): Task | undefined {
    if (this.#stopped) return undefined;
    return this.#takeFrom(this.#readyElsewhere, 0) ?? this.#takeFrom(this.#ready, freeSlots);
  }

  #takeFrom(ready: ReadyQueue, freeSlots: number): Task | undefined {
    const entry = ready.peek();
    if (entry === undefined) return undefined;
    const plan = entry.kind === "task" ? entry.task.plan : this.#planOf(entry.target);
    if (plan.slots > freeSlots) return undefined;
    const task = entry.kind === "task" ? entry.task : this.#fanOutTask(entry.frame, plan, entry.next);
    ready.advance(entry);
    this.#running++;
    countRunning(task.frame, 1);
    return task;
  }

  done(task: Task, transition: Transition): void {
    this.#leave(task);
    this.counts.done++;
    this.#follow(transition, task, task.ref, true);
    this.#settle();
  }

  failed(task: Task): void {
    this.#leave(task);
    this.counts.failed++;
    if (!this.#keepGoing) this.stop();
  }

  /** The attempt failed and another will come: the task waits until {@link again}. */
  wait(task: Task): void {
    this.#leave(task);
    this.#waiting++;
  }

  again(task: Task): void {
    this.#waiting--;
    task.attempt++;
    if (!this.#stopped) this.#queueOf(task.plan).addFirst(task);
  }

  /** The attempt was stopped by the run itself: the task is neither done nor failed. */
  abandon(task: Task): void {
    this.#leave(task);
  }

  #leave(task: Task): void {
    this.#running--;
    countRunning(task.frame, -1);
  }

  /** Threads are worked off from a list, not by recursion: a resumed loop may be thousands of finished rounds long. */
  #settle(): void {
    for (let thread = this.#todo.pop(); thread !== undefined; thread = this.#todo.pop()) this.#arrive(thread);
    for (const [step, count] of this.#planned) this.#listener.planned(step, count);
    this.#planned.clear();
  }

  #willRun(step: string, count: number): void {
    this.#planned.set(step, (this.#planned.get(step) ?? 0) + count);
  }

  #arrive(thread: Thread): void {
    const plan = this.#planOf(thread.target);
    const { frame } = thread;
    if (frame === undefined || plan.step.joins !== frame.splitStep) {
      this.#place(plan, thread, undefined);
      return;
    }
    const [ref] = thread.parents;
    if (ref !== undefined) frame.arrivals[thread.branch] = ref;
    frame.arrived++;
    frame.fresh ||= thread.fresh;
    frame.arrivedRounds = mergeRounds(frame.arrivedRounds, thread.rounds);
    if (frame.arrived === frame.count) this.#close(frame, plan);
  }

  #close(frame: Frame, join: StepPlan): void {
    const parents = packTaskRefs(frame.arrivals);
    this.#place(
      join,
      { target: join.name, frame: frame.outer, branch: frame.outerBranch, parents, rounds: frame.arrivedRounds, fresh: frame.fresh },
      frame,
    );
  }

  #place(plan: StepPlan, thread: Thread, joined: Frame | undefined): void {
    const task = this.#makeTask(plan, thread, joined);
    const finished = thread.fresh ? undefined : this.#finished(task);
    if (finished === undefined) {
      this.#willRun(plan.name, 1);
      this.#queueOf(plan).add({ kind: "task", task });
      return;
    }
    this.counts.reused++;
    this.#listener.reused(finished);
    this.#follow(finished.transition, task, finished.ref, false);
  }

  #finished(task: Task): FinishedTask | undefined {
    if (this.#origin === undefined || this.#origin.rerun.has(task.plan.name)) return undefined;
    const found = this.#origin.find(task.plan.name, task.id);
    return found !== undefined && allows(task.plan, found.transition) ? found : undefined;
  }

  #makeTask(plan: StepPlan, thread: Omit<Thread, "fresh" | "target">, joined: Frame | undefined): Task {
    const round = plan.step.loops ? (thread.rounds.get(plan.name) ?? 0) : 0;
    const id = formatTaskId(pathIn(thread.frame, thread.branch), round);
    return {
      plan,
      id,
      ref: formatTaskRef(plan.name, id),
      frame: thread.frame,
      branch: thread.branch,
      parents: thread.parents,
      rounds: plan.step.loops ? new Map(thread.rounds).set(plan.name, round + 1) : thread.rounds,
      joined,
      attempt: 0,
    };
  }

  #fanOutTask(frame: Frame, plan: StepPlan, index: number): Task {
    return this.#makeTask(plan, { frame, branch: index, parents: [frame.split], rounds: frame.rounds }, undefined);
  }

  /**
   * Goes on from a finished task.
   * @param ref Names it; of a task that is reused, with the run that did it.
   */
  #follow(transition: Transition, from: Task, ref: TaskRef, fresh: boolean): void {
    const { frame, branch, rounds } = from;
    const parents = [ref];
    if (transition.kind === "end") {
      this.#ended = true;
      return;
    }
    if (transition.kind === "next" && transition.targets.length === 1) {
      for (const target of transition.targets) this.#todo.push({ target, frame, branch, parents, rounds, fresh });
      return;
    }
    const inner = openFrame(transition, from, ref, fresh);
    if (transition.kind === "next") {
      // Last in is first out, so the first branch goes in last.
      for (const [index, target] of [...transition.targets.entries()].reverse()) {
        this.#todo.push({ target, frame: inner, branch: index, parents, rounds, fresh });
      }
      return;
    }
    const join = from.plan.joinedBy;
    if (transition.count === 0 && join !== undefined) this.#close(inner, this.#planOf(join));
    else this.#fanOut(transition.target, inner, parents, fresh);
  }

  #fanOut(target: string, frame: Frame, parents: TaskRefRanges, fresh: boolean): void {
    if (fresh || this.#origin === undefined) {
      this.#willRun(target, frame.count);
      this.#queueOf(this.#planOf(target)).add({ kind: "fan-out", frame, target, next: 0 });
      return;
    }
    for (let index = frame.count - 1; index >= 0; index--) this.#todo.push({ target, frame, branch: index, parents, rounds: frame.rounds, fresh });
  }

  #queueOf({ slots }: StepPlan): ReadyQueue {
    return slots === 0 ? this.#readyElsewhere : this.#ready;
  }

  #planOf(step: string): StepPlan {
    const plan = this.#plan.get(step);
    if (plan === undefined) throw new Error(`the graph has no step ${step}`);
    return plan;
  }
}

function openFrame(transition: Transition & { readonly kind: "next" | "foreach" }, from: Task, split: TaskRef, fresh: boolean): Frame {
  const targets = transition.kind === "next" ? transition.targets : [transition.target];
  return {
    kind: transition.kind === "next" ? "split" : "foreach",
    split,
    splitStep: from.plan.name,
    count: transition.kind === "next" ? targets.length : transition.count,
    targets,
    concurrency: transition.kind === "foreach" ? transition.concurrency : undefined,
    outer: from.frame,
    outerBranch: from.branch,
    path: pathIn(from.frame, from.branch),
    arrivals: [],
    arrived: 0,
    running: 0,
    fresh,
    rounds: from.rounds,
    arrivedRounds: from.rounds,
  };
}
