import { headOf, joinNames, stepNames, type Block, type Carry, type Flow } from "./model.js";
import { ERROR, UNDEFINED } from "../../rig/stored-json.js";

/** What the oracle is told about a run. */
export interface Conditions {
  /** Values of parameters that differ from their defaults. */
  readonly parameters?: State;
  /** Tasks (`body/2`) that fail for good. */
  readonly failing?: (task: string) => boolean;
  /** Steps whose failure `@catchError({ var: "err_<step>" })` takes. */
  readonly catching?: (step: string) => boolean;
}

/** What each join asks `mergeArtifacts` for; joins that carry nothing are not in it. */
export type Merges = ReadonlyMap<string, Merge>;

export type Merge = { readonly include: readonly string[] } | { readonly exclude: readonly string[] };

export type State = Readonly<Record<string, unknown>>;

export interface PredictedTask {
  /** `body/3~1`. */
  readonly task: string;
  readonly step: string;
  /** Tasks it goes on from, in order. */
  readonly parents: readonly string[];
  /** All artifacts it has when it is done. */
  readonly artifacts: State;
  readonly caught: boolean;
}

export interface Prediction {
  /** Tasks that are done at the end, in no order that matters; with failures, all that `--keep-going` can finish. */
  readonly tasks: ReadonlyMap<string, PredictedTask>;
  /** Tasks that fail for good. */
  readonly failed: ReadonlySet<string>;
  /** The last task's artifacts; undefined when the run fails. */
  readonly end: State | undefined;
}

/** What every task starts from: parameters and field initialisers. */
export const INITIAL: State = { alpha: 1, word: "w", flags: [true, false], notes: ["init"] };

interface Frame {
  readonly step: string;
  readonly index: number;
  readonly count: number;
  readonly item: string;
}

/** Where the walk stands: the finished task and what it has. */
interface Token {
  readonly task: string;
  readonly state: State;
  readonly frames: readonly Frame[];
}

/** A task has failed for good: nothing after it can run. */
class Broken extends Error {}

/** Walks the blocks as a run would, one thing at a time, and says what must be there at the end. */
export function predict(flow: Flow, merges: Merges, conditions: Conditions = {}): Prediction {
  return new Walk(flow, conditions, merges, []).run();
}

/** What every join of the flow must ask for, so that no merge is in conflict, in a plain run and under the conditions. */
export function planMerges(flow: Flow, conditions: Conditions = {}): Merges {
  let merges: Merges = new Map();
  // What one join leaves out is missing at the next, so this goes on until nothing changes.
  for (;;) {
    const findings: MergeFinding[] = [];
    for (const variant of [{}, conditions]) new Walk(flow, variant, merges, findings).run();
    const next = new Map(
      findings.map(({ join, carry }) => [
        join,
        mergeFor(
          carry,
          findings.filter((finding) => finding.join === join),
          merges.get(join),
          flow,
        ),
      ]),
    );
    if (JSON.stringify([...next]) === JSON.stringify([...merges])) return merges;
    merges = next;
  }
}

function mergeFor(carry: Carry, findings: readonly MergeFinding[], before: Merge | undefined, flow: Flow): Merge {
  const conflicts = findings.flatMap((finding) => finding.conflicts);
  if (carry === "include") {
    const wanted =
      before !== undefined && "include" in before ? before.include : (findings[0]?.present.filter((name) => name.startsWith("v_")) ?? []);
    return { include: wanted.filter((name) => !conflicts.includes(name) && findings.every((finding) => finding.present.includes(name))).toSorted() };
  }
  const known = before !== undefined && "exclude" in before ? before.exclude : ["seen", "spot", ...stepNames(flow).map(errorName)];
  return { exclude: [...new Set([...known, ...conflicts])].toSorted() };
}

/** What a merge met, while the merges are being planned. */
interface MergeFinding {
  readonly join: string;
  readonly carry: Carry;
  readonly present: readonly string[];
  readonly conflicts: readonly string[];
}

export function errorName(step: string): string {
  return `err_${step}`;
}

class Walk {
  readonly #tasks = new Map<string, PredictedTask>();
  readonly #failed = new Set<string>();
  readonly #runs = new Map<string, number>();
  readonly #readable: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #names: readonly string[];
  readonly #joins: ReadonlySet<string>;
  readonly #initial: State;

  constructor(
    private readonly flow: Flow,
    private readonly conditions: Conditions,
    private readonly merges: Merges,
    private readonly findings: MergeFinding[],
  ) {
    this.#readable = readableMarks(flow, merges);
    this.#names = stepNames(flow);
    this.#joins = joinNames(flow);
    this.#initial = { ...INITIAL, ...conditions.parameters };
  }

  run(): Prediction {
    let end: State | undefined;
    try {
      const [first, ...rest] = this.flow;
      if (first !== undefined) end = this.#blocks(rest, this.#block(first, undefined)).state;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
    return { tasks: this.#tasks, failed: this.#failed, end };
  }

  #blocks(blocks: readonly Block[], from: Token): Token {
    return blocks.reduce((token, block) => this.#block(block, token), from);
  }

  #block(block: Block, from: Token | undefined): Token {
    switch (block.kind) {
      case "step":
        return this.#step(block.name, from, (state) => ({ alpha: Number(state["alpha"]) + 1 }));
      case "branch": {
        const at = this.#head(block.split, from);
        return this.#join(
          block.join,
          block.carry,
          at.frames,
          block.arms.map((arm) => () => this.#blocks(arm, at)),
        );
      }
      case "foreach": {
        const at = this.#head(block.split, from);
        const step = at.task.split("/")[0] ?? "";
        const bodies = Array.from({ length: block.count }, (_, index) => () => {
          const frame = { step, index, count: block.count, item: `${at.task}#${index}` };
          return this.#blocks(block.body, { ...at, frames: [...at.frames, frame] });
        });
        return this.#join(block.join, block.carry, at.frames, bodies);
      }
      case "switch": {
        const at = this.#head(block.at, from);
        const arm = (at.frames.at(-1)?.index ?? block.pick) % block.arms.length;
        return this.#blocks(block.arms[arm] ?? [], at);
      }
      case "loop": {
        let token = from;
        for (let round = 0; round < block.rounds; round++) {
          for (const inner of block.body) token = this.#block(inner, token);
          token = this.#step(block.at, token);
        }
        if (token === undefined) throw new Error(`the loop ${block.at} has no rounds`);
        return token;
      }
    }
  }

  /** The step that decides where a block goes: its own, or the one before it. */
  #head(step: string | undefined, from: Token | undefined): Token {
    if (step !== undefined) return this.#step(step, from);
    if (from === undefined) throw new Error("a flow cannot start with a block that has no first step");
    return from;
  }

  #step(step: string, from: Token | undefined, more: (state: State) => State = () => ({})): Token {
    const before = from?.state ?? this.#initial;
    return this.#task(step, from?.frames ?? [], from === undefined ? [] : [from.task], before, before, (task) => ({
      ...before,
      ...more(before),
      [`v_${step}`]: task,
      trail: [...list(before["trail"]), task],
      notes: [...list(before["notes"]), task],
      at: task,
      from: from === undefined ? [] : [before["at"] ?? UNDEFINED],
    }));
  }

  #join(join: string, carry: Carry, frames: readonly Frame[], ways: readonly (() => Token)[]): Token {
    const inputs: Token[] = [];
    for (const way of ways) {
      try {
        inputs.push(way());
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
      }
    }
    if (inputs.length < ways.length) throw new Broken();
    const states = inputs.map((input) => input.state);
    const merged = carry === "nothing" ? {} : this.#merge(join, carry, states);
    const parents = inputs.map((input) => input.task);
    return this.#task(join, frames, parents, this.#initial, merged, (task) => ({
      ...this.#initial,
      ...merged,
      [`v_${join}`]: task,
      trail: [...states.flatMap((state) => list(state["trail"])), task],
      notes: [...list(merged["notes"] ?? this.#initial["notes"]), task],
      at: task,
      from: states.map((state) => state["at"] ?? UNDEFINED),
    }));
  }

  /** What the inputs agree on, as far as the join's source asks for it. */
  #merge(join: string, carry: Carry, states: readonly State[]): State {
    const own = new Set([`v_${join}`, "trail", "at", "from", "seen", "spot"]);
    const present = [...new Set(states.flatMap(Object.keys))].filter((name) => !own.has(name));
    const valueOf = (name: string): readonly unknown[] => states.filter((state) => name in state).map((state) => state[name]);
    const conflicts = present.filter((name) => new Set(valueOf(name).map((value) => JSON.stringify(value))).size > 1);
    const asked = this.merges.get(join);
    this.findings.push({ join, carry, present, conflicts });
    const wanted = present.filter((name) =>
      asked === undefined ? !conflicts.includes(name) : "include" in asked ? asked.include.includes(name) : !asked.exclude.includes(name),
    );
    return Object.fromEntries(wanted.map((name) => [name, valueOf(name)[0]]));
  }

  /** Runs one task: `start` is what it starts from, `read` what it has when it looks at the marks. */
  #task(step: string, frames: readonly Frame[], parents: readonly string[], start: State, read: State, effects: (task: string) => State): Token {
    const path = frames.map((frame) => frame.index).join(".");
    const rounds = this.#runs.get(`${step}/${path}`) ?? 0;
    this.#runs.set(`${step}/${path}`, rounds + 1);
    const task = `${step}/${rounds > 0 ? `${path}~${rounds}` : path === "" ? "0" : path}`;
    const caught = this.conditions.failing?.(task) === true;
    const catching = this.conditions.catching?.(step) === true;
    if (caught && !catching) {
      this.#failed.add(task);
      throw new Broken();
    }
    const artifacts: Record<string, unknown> = caught ? { ...start } : { ...effects(task), seen: this.#seen(step, read), spot: spot(frames) };
    // An error of an earlier round of a loop is gone when this round had none.
    if (caught) artifacts[errorName(step)] = ERROR;
    else if (catching) delete artifacts[errorName(step)];
    this.#tasks.set(task, { task, step, parents, artifacts, caught });
    return { task, state: artifacts, frames };
  }

  /** What reading each step's mark gives in this step; a join reads only those that can reach it. */
  #seen(step: string, state: State): State {
    const readable = this.#readable.get(step) ?? new Set();
    const looked = (this.#joins.has(step) ? [...readable] : this.#names).filter((name) => name !== step);
    return Object.fromEntries(looked.map((name) => [name, readable.has(name) ? (state[`v_${name}`] ?? UNDEFINED) : "(lost)"]));
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function spot(frames: readonly Frame[]): State {
  return { index: frames.at(-1)?.index ?? UNDEFINED, input: frames.at(-1)?.item ?? UNDEFINED, stack: frames };
}

/**
 * For each step, the steps whose mark `v_<step>` can reach it, or that it has merged: what may be read there without an
 * error, whichever way the run takes.
 */
export function readableMarks(flow: Flow, merges: Merges): ReadonlyMap<string, ReadonlySet<string>> {
  const readable = new Map<string, ReadonlySet<string>>();
  const enter = (step: string, marks: ReadonlySet<string>): Set<string> => {
    const all = new Set([...(readable.get(step) ?? []), ...marks]);
    readable.set(step, all);
    return new Set([...all, step]);
  };
  const join = (name: string, ways: readonly ReadonlySet<string>[]): Set<string> => {
    const asked = merges.get(name);
    const arriving = ways.flatMap((way) => [...way]);
    const carried = arriving.filter((mark) =>
      asked === undefined ? false : "include" in asked ? asked.include.includes(`v_${mark}`) : !asked.exclude.includes(`v_${mark}`),
    );
    return enter(name, new Set(carried));
  };
  const walk = (blocks: readonly Block[], from: ReadonlySet<string>): Set<string> =>
    blocks.reduce<Set<string>>((marks, block) => {
      switch (block.kind) {
        case "step":
          return enter(block.name, marks);
        case "branch": {
          const at = block.split === undefined ? marks : enter(block.split, marks);
          return join(
            block.join,
            block.arms.map((arm) => walk(arm, at)),
          );
        }
        case "foreach": {
          const at = block.split === undefined ? marks : enter(block.split, marks);
          return join(block.join, [walk(block.body, at)]);
        }
        case "switch": {
          const at = block.at === undefined ? marks : enter(block.at, marks);
          return new Set(block.arms.flatMap((arm) => [...walk(arm, at)]));
        }
        case "loop": {
          const once = enter(block.at, walk(block.body, marks));
          return enter(block.at, walk(block.body, new Set([...marks, ...once])));
        }
      }
    }, new Set(from));
  walk(flow, new Set());
  return readable;
}

/** The steps that `@catchError` can stand on: those with one way on, which is known before they run. */
export function catchableSteps(flow: Flow): ReadonlySet<string> {
  const steps = new Set(stepNames(flow));
  const visit = (blocks: readonly Block[]): void => {
    let before: string | undefined;
    for (const block of blocks) {
      if (block.kind !== "step") {
        const decides = block.kind === "loop" ? block.at : (headOf(block) ?? before);
        if (decides !== undefined) steps.delete(decides);
        for (const inner of "arms" in block ? block.arms : [block.body]) visit(inner);
      }
      before = block.kind === "branch" || block.kind === "foreach" ? block.join : undefined;
    }
  };
  visit(flow);
  return steps;
}
