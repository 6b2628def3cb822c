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
  settingOption("namespace", { help: "the steps see only runs with this tag, such as user:ada" }),
  settingOption("branch"),
  settingOption("production"),
  settingOption("runIdFile"),
  settingOption("quiet"),
  settingOption("json", { help: "print one event a line, as JSON" }),
  ...everywhere,
];

/** As {@link runOptions}; what is not said stays as the earlier run had it. */
export const resumeOptions: readonly CommandOption[] = runOptions.map((option) =>
  option.fallback === undefined ? option : { ...option, fallback: "as before" },
);
