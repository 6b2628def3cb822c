import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import type { Datastore } from "../../datastore/datastore.js";

/**
 * The flow's name, when it has runs.
 * @throws MillraceError `flow-unknown`
 */
export async function requireFlow(datastore: Datastore, flow: string): Promise<string> {
  const flows = await datastore.flows();
  if (flows.includes(flow)) return flow;
  throw new MillraceError("flow-unknown", { flow, location: datastore.location, near: nearestName(flow, flows) });
}
