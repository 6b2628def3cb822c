import { expect } from "vitest";
import { Project } from "../../rig/project.js";
import { Results, shortTask } from "../../rig/results.js";
import { plainJson, UNDEFINED } from "../../rig/stored-json.js";
import type { Fault, Flow } from "./model.js";
import { planMerges, predict, type Conditions, type Merges, type Prediction } from "./oracle.js";
import { flowSource, TRIAL, type SourceOptions } from "./source.js";

/** Which tasks fail how, in how many of their attempts. */
export type Plan = Readonly<Record<string, { readonly fault: Fault; readonly attempts: number }>>;

/** Attempts without end: the task fails for good. */
export const ALWAYS = 1_000_000;

/** One shape as a project, with what must come out of it. */
export class ShapeRun {
  readonly results: Results;

  private constructor(
    readonly project: Project,
    readonly flow: Flow,
    readonly merges: Merges,
  ) {
    this.results = new Results(project);
  }

  static async create(flow: Flow, conditions: Conditions = {}, options: Omit<SourceOptions, "merges"> = {}): Promise<ShapeRun> {
    const merges = planMerges(flow, conditions);
    const source = flowSource(flow, { merges, ...options });
    return new ShapeRun(await Project.create({ "flow.ts": source, "trial.ts": TRIAL }), flow, merges);
  }

  predict(conditions: Conditions = {}): Prediction {
    return predict(this.flow, this.merges, conditions);
  }

  /** Runs `millrace ARGS` with a plan of failures; it must end with the exit code. */
  async millrace(code: number, args: readonly string[], plan: Plan = {}): Promise<string> {
    return (await this.project.expectMillrace(code, args, { env: { RIG_PLAN: JSON.stringify(plan) } })).all;
  }

  /** Every task of the run is done, and has just the artifacts that were predicted. */
  async expectArtifacts(run: string, prediction: Prediction): Promise<void> {
    const dumped = await this.results.dump(run);
    const predicted = Object.fromEntries([...prediction.tasks.values()].map((task) => [task.task, task.artifacts]));
    expect(Object.fromEntries(Object.entries(dumped).map(([task, artifacts]) => [task, present(artifacts)]))).toEqual(predicted);
  }

  /** The run's tasks by name: `done`, `failed` … */
  async statuses(run: string): Promise<Readonly<Record<string, string>>> {
    const { tasks } = await this.results.status(run);
    return Object.fromEntries(tasks.map((task) => [shortTask(task.pathspec), task.status]));
  }

  /** How often each task did all of its work, over all runs. */
  get completions(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const line of this.project.ledger) {
      const [word, task = ""] = line.split(" ");
      if (word === "end") counts.set(task, (counts.get(task) ?? 0) + 1);
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
  }
}

/** Artifacts as the oracle writes them: an error variable that says "none" is the same as one that is not there. */
function present(artifacts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const plain = Object.entries(artifacts).map(([name, value]) => [name, plainJson(value)] as const);
  return Object.fromEntries(plain.filter(([name, value]) => !(name.startsWith("err_") && value === UNDEFINED)));
}

/** The same status for every task. */
export function all<T>(tasks: Iterable<string>, value: T): Record<string, T> {
  return Object.fromEntries([...tasks].map((task) => [task, value]));
}
