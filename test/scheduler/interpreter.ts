import { formatTaskId } from "../../src/core/task-id.js";
import { formatTaskRef, type TaskRef } from "../../src/core/task-ref.js";
import type { Transition } from "../../src/core/transition.js";
import { graphOf, headOf, type Part, type Sequence } from "./flow-model.js";

/** What a task of a run must be given, and what it then does. */
export interface ExpectedTask {
  readonly parents: readonly TaskRef[];
  /** The tasks that have to be done before: its parents, or the split that an empty fan-out's join follows at once. */
  readonly after: readonly TaskRef[];
  readonly foreach: readonly { readonly split: TaskRef; readonly index: number; readonly count: number }[];
  readonly join: { readonly kind: "split" | "foreach"; readonly branches?: readonly string[] } | undefined;
  transition: Transition;
}

/** What the flow's tasks decide, by the task that decides. */
export interface Decisions {
  /** Items of a fan-out. */
  count(task: TaskRef): number;
  concurrency?(task: TaskRef): number | undefined;
  /** Which arm a switch takes. */
  arm(task: TaskRef, arms: number): number;
  /** How often a loop goes round before it goes on, from 1; asked with the first task of the loop's deciding step. */
  laps(task: TaskRef): number;
}

type Frames = ExpectedTask["foreach"];

interface Thread {
  readonly last: TaskRef | undefined;
  readonly rounds: ReadonlyMap<string, number>;
  readonly frames: Frames;
}

/**
 * Walks a flow one task after another, the plainest way there is, and says which tasks there are: the scheduler must
 * come to the same, in whatever order tasks end.
 */
export function interpret(flow: Sequence, decisions: Decisions): Map<TaskRef, ExpectedTask> {
  return new Interpreter(flow, decisions).run();
}

class Interpreter {
  readonly #flow: Sequence;
  readonly #decisions: Decisions;
  readonly #tasks = new Map<TaskRef, ExpectedTask>();
  readonly #settled = new Set<TaskRef>();
  readonly #looping: ReadonlySet<string>;

  constructor(flow: Sequence, decisions: Decisions) {
    this.#flow = flow;
    this.#decisions = decisions;
    this.#looping = new Set(
      graphOf(flow)
        .steps.filter((node) => node.loops)
        .map((node) => node.name),
    );
  }

  run(): Map<TaskRef, ExpectedTask> {
    this.#sequence(this.#flow, { last: undefined, rounds: new Map(), frames: [] });
    return this.#tasks;
  }

  #sequence(parts: Sequence, thread: Thread): Thread {
    return parts.reduce((at, part) => this.#part(part, at), thread);
  }

  #part(part: Part, from: Thread): Thread {
    const at = part.kind === "loop" || part.name === undefined ? from : this.#step(part.name, from);
    switch (part.kind) {
      case "step":
        return at;
      case "split":
        return this.#split(part, at);
      case "foreach":
        return this.#foreach(part, at);
      case "switch":
        return this.#sequence(part.arms[this.#decisions.arm(at.last ?? "", part.arms.length)] ?? [], at);
      case "loop":
        return this.#loop(part, at);
    }
  }

  #step(name: string, from: Thread): Thread {
    this.#settle(from.last, { kind: "next", targets: [name] });
    return this.#task(name, from, from.last === undefined ? [] : [from.last], undefined);
  }

  #task(name: string, { rounds, frames }: Thread, parents: readonly TaskRef[], join: ExpectedTask["join"], after = parents): Thread {
    const round = this.#looping.has(name) ? (rounds.get(name) ?? 0) : 0;
    const ref = formatTaskRef(
      name,
      formatTaskId(
        frames.map((frame) => frame.index),
        round,
      ),
    );
    if (this.#tasks.has(ref)) throw new Error(`${ref} is there twice`);
    this.#tasks.set(ref, { parents, after, foreach: frames, join, transition: { kind: "end" } });
    return { last: ref, rounds: this.#looping.has(name) ? new Map(rounds).set(name, round + 1) : rounds, frames };
  }

  #split(part: Part & { readonly kind: "split" }, at: Thread): Thread {
    const targets = part.arms.map(headOf);
    this.#settle(at.last, { kind: "next", targets });
    const ends = part.arms.map((arm) => this.#sequence(arm, at));
    return this.#join(part.join, at, ends, { kind: "split", branches: targets });
  }

  #foreach(part: Part & { readonly kind: "foreach" }, at: Thread): Thread {
    const split = at.last ?? "";
    const count = this.#decisions.count(split);
    const concurrency = this.#decisions.concurrency?.(split);
    this.#settle(split, { kind: "foreach", target: headOf(part.body), count, ...(concurrency !== undefined && { concurrency }) });
    const ends = Array.from({ length: count }, (_, index) => this.#sequence(part.body, { ...at, frames: [...at.frames, { split, index, count }] }));
    return this.#join(part.join, at, ends, { kind: "foreach" });
  }

  #join(name: string, at: Thread, ends: readonly Thread[], join: ExpectedTask["join"]): Thread {
    const rounds = new Map(at.rounds);
    const parents: TaskRef[] = [];
    for (const end of ends) {
      for (const [looping, count] of end.rounds) rounds.set(looping, Math.max(count, rounds.get(looping) ?? 0));
      if (end.last !== undefined) parents.push(end.last);
      this.#settle(end.last, { kind: "next", targets: [name] });
    }
    const after = parents.length === 0 && at.last !== undefined ? [at.last] : parents;
    return this.#task(name, { last: undefined, rounds, frames: at.frames }, parents, join, after);
  }

  #loop(part: Part & { readonly kind: "loop" }, from: Thread): Thread {
    const pass = (thread: Thread): Thread => this.#step(part.name, this.#sequence(part.body, thread));
    let at = pass(from);
    for (let laps = this.#decisions.laps(at.last ?? ""); laps > 1; laps--) at = pass(at);
    return at;
  }

  /** The first to say where a task goes on is right: the arms of a split start from a task that is settled. */
  #settle(ref: TaskRef | undefined, transition: Transition): void {
    const task = ref === undefined ? undefined : this.#tasks.get(ref);
    if (ref === undefined || task === undefined || this.#settled.has(ref)) return;
    this.#settled.add(ref);
    task.transition = transition;
  }
}
