import { isMillraceError, messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import type { RemoteEngine } from "./engine.js";

/**
 * Asks an engine something at a time at which nobody waits for it to answer again: before a run, or for a command.
 * @throws MillraceError `engine-unreachable` when there is no answer, and those of the engine
 */
export async function reachEngine<T>({ title }: Pick<RemoteEngine, "title">, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isMillraceError(error)) throw error;
    throw new MillraceError("engine-unreachable", { engine: title, reason: messageOf(error) }, { cause: error });
  }
}
