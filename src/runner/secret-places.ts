import { isAbsolute } from "node:path";
import { placeOf } from "../compute/step-place.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep } from "../core/graph.js";
import { secretSources, sourceName, type SecretSource } from "../core/secret-source.js";

/**
 * Before a run: do steps that run elsewhere ask for secrets that only this machine has? They are never sent along.
 * @throws MillraceError `secret-elsewhere`
 */
export function checkSecretPlaces(steps: readonly GraphStep[]): void {
  for (const step of steps) {
    const engine = placeOf(step);
    if (engine === "local") continue;
    const source = secretSources(step).find(isOfThisMachine);
    if (source !== undefined) throw new MillraceError("secret-elsewhere", { step: step.name, engine, source: sourceName(source) });
  }
}

/** An absolute path may be on a file system that both have. */
function isOfThisMachine(source: SecretSource): boolean {
  return source.type === "environment" || (source.type === "file" && !isAbsolute(source.path));
}
