import picocolors from "picocolors";
import type { Environment } from "../config/environment.js";

/** Functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>;

export interface ColorInputs {
  readonly setting: "auto" | "always" | "never";
  readonly environment: Environment;
  /** The stream is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Whether to colour: the setting when it says so, else `NO_COLOR` (any value) and `FORCE_COLOR` (`0` or `false`: no),
 * else on terminals that can (`TERM` other than `dumb`).
 */
export function wantsColor({ setting, environment, isTerminal }: ColorInputs): boolean {
  if (setting !== "auto") return setting === "always";
  const forced = environment["FORCE_COLOR"];
  if (isSet(environment["NO_COLOR"])) return false;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && environment["TERM"] !== "dumb";
}

export function createColors(enabled: boolean): Colors {
  return picocolors.createColors(enabled);
}

/** No colours at all: for files, tests, comparisons. */
export const noColors: Colors = createColors(false);

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";
