import type { Failure } from "../core/failure.js";
import type { Graph, GraphStep } from "../core/graph.js";
import type { RunningTask } from "../core/records.js";
import type { TaskSpec } from "../core/task-spec.js";
import type { AttemptListener, Compute } from "./compute.js";
import { placeOf, type EngineName } from "./step-place.js";

/** Sends each step's tasks where its decorators say: to the processes of this machine, or to an engine. */
export class Router implements Compute {
  readonly #home: Compute;
  readonly #away: ReadonlyMap<EngineName, Compute>;
  readonly #places: ReadonlyMap<string, Compute>;

  /** @param home Disposed of by whoever opened it; what is away goes with the router. */
  constructor(graph: Graph, home: Compute, away: ReadonlyMap<EngineName, Compute>) {
    this.#home = home;
    this.#away = away;
    this.#places = new Map(graph.steps.map((step) => [step.name, this.#placeOf(step)]));
  }

  #placeOf(step: GraphStep): Compute {
    const place = placeOf(step);
    return (place === "local" ? undefined : this.#away.get(place)) ?? this.#home;
  }

  slotsOf(step: GraphStep): number {
    return (this.#places.get(step.name) ?? this.#home).slotsOf(step);
  }

  submit(spec: TaskSpec, listener: AttemptListener): void {
    // To commit a caught failure takes the flow's class and a moment: no machine is asked for.
    const place = spec.mode === "catch" ? undefined : this.#places.get(spec.step);
    (place ?? this.#home).submit(spec, listener);
  }

  /** The processes here have the flow, whatever ran the attempt. */
  retryIf(step: string, failure: Failure): Promise<boolean> {
    return this.#home.retryIf(step, failure);
  }

  running(): readonly RunningTask[] {
    return this.#all().flatMap((compute) => compute.running());
  }

  withdraw(): void {
    for (const compute of this.#all()) compute.withdraw();
  }

  stop(how: "gently" | "at-once"): void {
    for (const compute of this.#all()) compute.stop(how);
  }

  #all(): readonly Compute[] {
    return [this.#home, ...this.#away.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#away.values()].map((compute) => compute[Symbol.asyncDispose]()));
  }
}
