import type { SettingName } from "../config/setting-definitions.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import type { AnyFlow, SpinSet, StepsOf } from "./flow-types.js";

/** How a run goes. What is not said stands in the environment (`MILLRACE_…`) or `millrace.config.json`, as for the command. */
export interface RunSettings {
  /** Where runs are kept: `local` (`.millrace` at the project's root), a path, `s3://bucket/prefix`, or `s3` with the root configured. */
  readonly datastore?: string;
  /** Tasks that run at once; 16. */
  readonly maxWorkers?: number;
  /** Tasks that one foreach may fan out to; 100. */
  readonly maxNumSplits?: number;
  /** Megabytes of output kept a task; 10. */
  readonly maxLogSize?: number;
  /** After a failure, finish all that can finish. */
  readonly keepGoing?: boolean;
  /** Decorators for every step that lacks them, as with `--with`: `["retry:times=2"]`. */
  readonly with?: readonly string[];
  readonly tags?: readonly string[];
  /** The steps see only runs with this tag. */
  readonly namespace?: string;
  /** For flows with `@project`: the branch. */
  readonly branch?: string;
  /** For flows with `@project`: the production branch. */
  readonly production?: boolean;
  /** Who runs; by default the operating system's name for the user. */
  readonly user?: string;
}

/** What every run of a {@link Runner} has in common. */
export interface RunnerOptions extends RunSettings {
  /** The folder that relative paths start from and steps work in; the process's own. */
  readonly cwd?: string;
  /** The environment of settings, parameters and steps; the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How one run is started. */
export interface LaunchOptions extends RunSettings {
  /** Aborted: as Ctrl-C, see `Running.stop`. Aborted before the run has begun: rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Prints on the standard output what the command prints into a file; nothing by default. */
  readonly show?: boolean;
}

/** How a run goes on from an earlier one. Settings that are not said are the earlier run's. */
export interface ResumeOptions<C extends AnyFlow> extends LaunchOptions {
  /** The run to go on from, `12`; the flow's newest. */
  readonly originRunId?: string | number;
  /** Run this step and all after it again. */
  readonly step?: StepsOf<C>;
}

/** How one task is run again. Settings that are not said are those of its run. */
export interface SpinOptions<C extends AnyFlow> extends Pick<LaunchOptions, "datastore" | "maxLogSize" | "user" | "signal" | "show"> {
  /**
   * Values in the place of those that the task had, by artifact or parameter. `input` is the fan-out's item; in a join,
   * `"score/3.total"` is an artifact of one of its inputs.
   */
  readonly set?: SpinSet<C>;
  /** Which code runs: that of today, or what the run recorded. */
  readonly code?: "today" | "recorded";
}

const SETTINGS = [
  "datastore",
  "maxWorkers",
  "maxNumSplits",
  "maxLogSize",
  "keepGoing",
  "with",
  "tags",
  "namespace",
  "branch",
  "production",
  "user",
] as const satisfies readonly (SettingName & keyof RunSettings)[];

export const runnerOptionNames: readonly string[] = [...SETTINGS, "cwd", "env"];
export const launchOptionNames: readonly string[] = [...SETTINGS, "signal", "show"];
export const spinOptionNames: readonly string[] = ["datastore", "maxLogSize", "user", "signal", "show", "set", "code"];
export const resumeOptionNames: readonly string[] = [...launchOptionNames, "originRunId", "step"];

/**
 * JavaScript has no compiler to tell of a misspelt option.
 * @throws MillraceError `runner-option-unknown`
 */
export function checkOptionNames(call: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new MillraceError("runner-option-unknown", { call, option: unknown, near: nearestName(unknown, known), known });
}

/** The settings among some options. */
export function settingsIn(options: RunSettings): RunSettings {
  return Object.fromEntries(SETTINGS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
