import { settingDefinitions, type SettingName } from "../config/setting-definitions.js";

/** An option of a command. Without a placeholder it takes no value: it is there or not. */
export interface CommandOption {
  /** Without dashes: `max-workers`. */
  readonly name: string;
  /** One letter: `h` for `-h`. */
  readonly short?: string;
  /** What its value is called in help: `N`. */
  readonly placeholder?: string;
  readonly help: string;
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** `--no-name` says the opposite; `--name true` and `--name false` work as well. */
  readonly negatable?: boolean;
  /** Further spellings without dashes: `maxWorkers`. */
  readonly aliases?: readonly string[];
  /** What it is when not given, as text for help. */
  readonly fallback?: string;
  /** The setting that it gives a value to. */
  readonly setting?: SettingName;
}

/** The option that gives a setting its value. */
export function settingOption(setting: SettingName, changes: Partial<CommandOption> = {}): CommandOption {
  const { option, placeholder, help, fallback, type } = settingDefinitions[setting];
  const name = option ?? setting;
  return {
    name,
    help,
    setting,
    ...(placeholder !== undefined && { placeholder }),
    ...(name !== setting && { aliases: [setting] }),
    ...(typeof fallback === "number" && { fallback: String(fallback) }),
    ...(type.join !== undefined && { repeatable: true }),
    ...(placeholder === undefined && { negatable: true }),
    ...changes,
  };
}

export const helpOption: CommandOption = { name: "help", short: "h", help: "print this help" };

/** Options that every command has. */
export const everywhere: readonly CommandOption[] = [settingOption("color"), helpOption];

/** Options of commands that read a datastore. */
export const readingOptions: readonly CommandOption[] = [settingOption("datastore"), settingOption("json"), ...everywhere];
