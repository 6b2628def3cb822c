import { inspect } from "node:util";
import { isInline } from "../core/artifact-ref.js";
import { formatBytes } from "../core/quantity-text.js";
import type { OpenRun } from "./open-run.js";

/**
 * What a run was given. A value is read when it is first touched, so that a large file among them costs nothing before;
 * one that cannot be read is an error then, and the others are fine.
 */
export function runParameters(open: OpenRun): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>();
  const parameters = {};
  for (const [name, ref] of Object.entries(open.run.record.parameters)) {
    const get = (): unknown => {
      if (!values.has(name)) values.set(name, open.reader.read(ref, `${open.run.pathspec}, parameter ${name}`));
      return values.get(name);
    };
    Object.defineProperty(parameters, name, { get, enumerable: true });
  }
  return Object.defineProperty(parameters, inspect.custom, { value: () => parametersAtHand(open) });
}

/** Those that are at hand, for printing; what would have to be read is told by its size. */
export function parametersAtHand(open: OpenRun): Readonly<Record<string, unknown>> {
  const entries = Object.entries(open.run.record.parameters).map(([name, ref]): [string, unknown] => {
    if (!isInline(ref)) return [name, new Unread(`${formatBytes(ref.size)}, read when touched`)];
    try {
      return [name, open.reader.read(ref, name)];
    } catch {
      return [name, new Unread("cannot be read")];
    }
  });
  return Object.fromEntries(entries);
}

/** Prints as what it says, in brackets. */
class Unread {
  constructor(readonly about: string) {}

  [inspect.custom](): string {
    return `[${this.about}]`;
  }
}
