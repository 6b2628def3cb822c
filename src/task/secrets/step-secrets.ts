import { MillraceError } from "../../core/errors/millrace-error.js";
import type { GraphStep } from "../../core/graph.js";
import { secretSources, sourceName } from "../../core/secret-source.js";
import type { Variables } from "../step-environment.js";
import { readSource } from "./source-reading.js";

/** The secrets of a step by the variables that hold them; undefined when it has none. */
export async function fetchSecrets(step: GraphStep, environment: Variables): Promise<ReadonlyMap<string, string> | undefined> {
  const sources = secretSources(step);
  if (sources.length === 0) return undefined;
  const secrets = new Map<string, string>();
  const from = new Map<string, string>(Object.keys(environment).map((name) => [name, "@environment"]));
  const read = await Promise.all(sources.map(async (source) => ({ source, found: await readSource(source, step.name) })));
  for (const { source, found } of read) {
    for (const [variable, value] of found) {
      const other = from.get(variable);
      if (other !== undefined) throw new MillraceError("secret-overlap", { step: step.name, variable, sources: [other, sourceName(source)] });
      from.set(variable, sourceName(source));
      secrets.set(variable, value);
    }
  }
  return secrets;
}
