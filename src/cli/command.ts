import type { Host } from "./host.js";
import type { CommandOption } from "./option.js";

/** What main returns to the shell. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** A command of millrace: what its help says, and what it does. */
export interface Command {
  readonly name: string;
  /** What stands after its name: `FLOW [--PARAM VALUE …]`. */
  readonly usage: string;
  /** What it does, in a sentence or two. */
  readonly description: string;
  readonly options: readonly CommandOption[];
  readonly examples: readonly Example[];
  /**
   * Does its work and returns the exit code.
   */
  run(args: readonly string[], host: Host): Promise<number>;
}
