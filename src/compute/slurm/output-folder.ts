import { join } from "node:path";
import type { StoreAddress } from "../../core/store-address.js";
import { jobsPrefix } from "../../datastore/layout.js";

/**
 * The folder that a run's jobs print to: with the run in a datastore that is a folder, else where the nodes share one.
 * @param shared Absolute; each run has a folder of its own below it.
 */
export function outputFolder(store: StoreAddress, shared: string, { flow, run }: { readonly flow: string; readonly run: string }): string {
  return store.kind === "local" ? join(store.root, jobsPrefix(flow, run), "slurm/output") : join(shared, flow, run);
}
