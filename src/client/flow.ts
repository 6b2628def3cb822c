import { inspect, type InspectOptionsStylized } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import type { Datastore } from "../datastore/datastore.js";
import { newestRuns } from "../datastore/newest-runs.js";
import { describeObject } from "./inspection.js";
import { List } from "./list.js";
import { OpenRun } from "./open-run.js";
import { Run } from "./run.js";
import { filterOf, type RunQuery } from "./run-query.js";

/** A flow, by its name. Nothing is read before its runs are asked for. */
export class Flow<F = unknown> {
  readonly name: string;
  readonly #datastore: Datastore;

  /** @internal */
  constructor(datastore: Datastore, name: string) {
    this.#datastore = datastore;
    this.name = name;
  }

  /** Where its runs are: a folder's path. */
  get datastore(): string {
    return this.#datastore.location;
  }

  /** Its runs, the newest first. @throws MillraceError, when they are walked: `flow-unknown` when it has none, `list-incomplete` */
  runs(query: RunQuery<F> = {}): List<Run<F>> {
    return runList(this.#datastore, query, async () => [await this.#known()], `runs of ${this.name}`);
  }

  /** @throws MillraceError `run-unknown`, `flow-unknown`, `record-damaged` */
  async run(id: string | number): Promise<Run<F>> {
    return Run.open(this.#datastore, this.name, String(id));
  }

  /**
   * The newest run, of those that fit.
   * @throws MillraceError `flow-unknown` when there is none, `run-none-fits` when none fits, `record-damaged` when it cannot
   * be said which it is
   */
  async latestRun(query: RunQuery<F> = {}): Promise<Run<F>> {
    return this.#latest(query, Object.keys(query).length === 0 ? "run" : "run of that kind");
  }

  /** The newest run that is done. @throws MillraceError as `latestRun` */
  async latestSuccessfulRun(query: Omit<RunQuery<F>, "status"> = {}): Promise<Run<F>> {
    return this.#latest({ ...query, status: "done" }, "successful run");
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    return describeObject(`Flow ${this.name}`, { datastore: this.datastore }, depth, options, show);
  }

  async #latest(query: RunQuery<F>, wanted: string): Promise<Run<F>> {
    // A damaged run may be the very one: it is not passed over, unless that is asked for.
    const fail = (error: Error): never => {
      throw error;
    };
    const run = await this.runs({ onDamaged: fail, ...query }).first();
    if (run === undefined) throw new MillraceError("run-none-fits", { flow: this.name, wanted });
    return run;
  }

  async #known(): Promise<string> {
    const flows = await this.#datastore.flows();
    if (flows.includes(this.name)) return this.name;
    throw new MillraceError("flow-unknown", { flow: this.name, location: this.datastore, near: nearestName(this.name, flows) });
  }
}

/** The runs of some flows that a query lets through. */
export function runList<F>(datastore: Datastore, query: RunQuery<F>, flows: () => Promise<readonly string[]>, what: string): List<Run<F>> {
  return new List(what, query, async function* (onDamaged) {
    const now = Date.now();
    const { limit = Number.POSITIVE_INFINITY, before } = query;
    const options = { now, filter: filterOf(query, now), onDamaged, ...(before !== undefined && { before: Number(before) }) };
    let count = 0;
    if (limit <= 0) return;
    for await (const header of newestRuns(datastore, await flows(), options)) {
      yield new Run<F>(new OpenRun(datastore, header));
      if (++count >= limit) return;
    }
  });
}
