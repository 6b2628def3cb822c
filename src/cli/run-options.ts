import type { Settings, SettingSource } from "../config/settings.js";
import type { RunOptions } from "../core/records.js";
import { everywhere, settingOption, type CommandOption } from "./option.js";

/** Options that run and resume have in common. */
export const runOptions: readonly CommandOption[] = [
  settingOption("maxWorkers"),
  settingOption("maxNumSplits"),
  settingOption("tags"),
  settingOption("with"),
  settingOption("keepGoing"),
  settingOption("datastore"),
  settingOption("maxLogSize"),
  settingOption("packageSuffixes"),
  settingOption("namespace"),
  settingOption("runIdFile"),
  settingOption("quiet"),
  settingOption("json", { help: "print one event a line, as JSON" }),
  ...everywhere,
];

/** As {@link runOptions}; what is not said stays as the earlier run had it. */
export const resumeOptions: readonly CommandOption[] = runOptions.map((option) =>
  option.fallback === undefined ? option : { ...option, fallback: "as before" },
);

/** What a new run goes by. */
export function runOptionsOf(settings: Settings): RunOptions {
  const { maxWorkers, maxNumSplits, keepGoing, maxLogBytes, namespace } = settings;
  return { maxWorkers, maxNumSplits, keepGoing, maxLogBytes, with: settings.with, ...(namespace !== undefined && { namespace }) };
}

/** What a resume was told anew, by the command line or the environment; the rest stays as the origin's. */
export function changedRunOptions(settings: Settings): Partial<RunOptions> {
  const { sources } = settings;
  const all = runOptionsOf(settings);
  return {
    ...(isSaid(sources.maxWorkers) && { maxWorkers: all.maxWorkers }),
    ...(isSaid(sources.maxNumSplits) && { maxNumSplits: all.maxNumSplits }),
    ...(isSaid(sources.keepGoing) && { keepGoing: all.keepGoing }),
    ...(isSaid(sources.maxLogSize) && { maxLogBytes: all.maxLogBytes }),
    ...(isSaid(sources.with) && { with: all.with }),
    ...(isSaid(sources.namespace) && all.namespace !== undefined && { namespace: all.namespace }),
  };
}

const isSaid = ({ kind }: SettingSource): boolean => kind === "command-line" || kind === "environment";
