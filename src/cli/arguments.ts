import { parseArgs } from "node:util";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { settingDefinitions, settingNames, type SettingName } from "../config/setting-definitions.js";
import type { SettingFlags } from "../config/settings.js";
import type { CommandOption } from "./option.js";

/** An option as it was given. */
export interface GivenOption {
  readonly option: CommandOption;
  /** As it was written: `--chunkSize`. */
  readonly written: string;
  /** In order; `true` or `false` for an option that takes no value. */
  readonly values: readonly string[];
}

/** A command's arguments, taken apart. */
export interface Arguments {
  readonly positionals: readonly Positional[];
  /** By the option's name. */
  readonly options: ReadonlyMap<string, GivenOption>;
}

export interface Positional {
  readonly text: string;
  /** Its place among the arguments. */
  readonly index: number;
  /** It follows an option that is not known, and so may be that option's value. */
  readonly doubtful: boolean;
  /** The switch right before it, as written (`--test`): a word after one may have been meant as its value. */
  readonly afterSwitch?: string;
}

export interface ParseInputs {
  readonly command: string;
  readonly options: readonly CommandOption[];
  /** The flow whose parameters are among the options. */
  readonly flow?: string;
  /** Pass over options that are not known: a flow's parameters, before the flow is. */
  readonly lenient?: boolean;
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

const NUMBER_LIKE = /^-(?:\.?\d|Infinity$)/;
const BOOLEAN = /^(?:true|false)$/i;

/**
 * Takes a command's arguments apart; options may stand anywhere, also `--option=value`. After `--` all is no option.
 * @throws MillraceError `unknown-option`, `option-without-value`, `option-with-value`, `option-repeated`.
 */
export function parseArguments(args: readonly string[], inputs: ParseInputs): Arguments {
  const spellings = spellingsOf(inputs.options);
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(spellings),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new GivenOptions(inputs, spellings);
  const positionals: Positional[] = [];
  let doubtful = false;
  tokens.forEach((token, position) => {
    if (token.kind === "option") doubtful = given.add(token);
    if (token.kind !== "positional") return;
    const before = tokens[position - 1];
    if (before?.kind === "option" && before.index === token.index - 1 && given.takeBoolean(before, token.value)) return;
    const afterSwitch = before?.kind === "option" && given.isSwitch(before) ? before.rawName : undefined;
    positionals.push({
      text: token.value,
      index: token.index,
      doubtful: doubtful && before?.kind === "option",
      ...(afterSwitch !== undefined && { afterSwitch }),
    });
  });
  return { positionals, options: given.byName };
}

/** An option by each way to write it; `negated` for `--no-…`. */
type Spellings = ReadonlyMap<string, { readonly option: CommandOption; readonly negated: boolean }>;

function spellingsOf(options: readonly CommandOption[]): Spellings {
  const spellings = new Map<string, { option: CommandOption; negated: boolean }>();
  for (const option of options) {
    for (const name of [option.name, ...(option.aliases ?? [])]) {
      spellings.set(name, { option, negated: false });
      if (option.negatable === true) spellings.set(`no-${name}`, { option, negated: true });
    }
  }
  return spellings;
}

function parserOptions(spellings: Spellings): Record<string, { type: "string" | "boolean"; short?: string }> {
  const known: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [name, { option }] of spellings) {
    known[name] = {
      type: option.placeholder === undefined ? "boolean" : "string",
      ...(option.short !== undefined && name === option.name && { short: option.short }),
    };
  }
  return known;
}

/** Gathers options while the arguments are read. */
class GivenOptions {
  readonly byName = new Map<string, GivenOption>();
  readonly #inputs: ParseInputs;
  readonly #spellings: Spellings;

  constructor(inputs: ParseInputs, spellings: Spellings) {
    this.#inputs = inputs;
    this.#spellings = spellings;
  }

  /** Takes an option. True when it is not known, so that a word after it may be its value. */
  add(token: OptionToken): boolean {
    const spelling = this.#spellings.get(token.name);
    if (spelling === undefined) {
      if (this.#inputs.lenient === true) return token.value === undefined;
      throw this.#unknown(token);
    }
    const { option, negated } = spelling;
    this.#keep(option, token.rawName, option.placeholder === undefined ? flagValue(token, option, negated) : valueOf(token, option));
    return false;
  }

  /** Whether a word is the `true` or `false` of the option before it; if so, it is taken. */
  takeBoolean(before: OptionToken, word: string): boolean {
    const option = this.#spellings.get(before.name)?.option;
    if (option === undefined || !this.isSwitch(before) || !BOOLEAN.test(word)) return false;
    this.byName.set(option.name, { option, written: before.rawName, values: [word.toLowerCase()] });
    return true;
  }

  /** Whether an option is on or off, and stands without a value. */
  isSwitch({ name, value }: OptionToken): boolean {
    const spelling = this.#spellings.get(name);
    return (
      spelling !== undefined &&
      !spelling.negated &&
      value === undefined &&
      spelling.option.placeholder === undefined &&
      spelling.option.negatable === true
    );
  }

  #keep(option: CommandOption, written: string, value: string): void {
    const earlier = this.byName.get(option.name);
    const [first] = earlier?.values ?? [];
    if (first !== undefined && option.repeatable !== true && first !== value) {
      throw new MillraceError("option-repeated", { option: `--${option.name}`, first, second: value });
    }
    const values = option.repeatable === true ? [...(earlier?.values ?? []), value] : [value];
    this.byName.set(option.name, { option, written, values });
  }

  #unknown(token: OptionToken): MillraceError {
    const { command, flow } = this.#inputs;
    const nearest = nearestName(token.name, this.#spellings.keys());
    return new MillraceError("unknown-option", { option: token.rawName, command, flow, nearest: nearest === undefined ? undefined : `--${nearest}` });
  }
}

function flagValue(token: OptionToken, option: CommandOption, negated: boolean): string {
  if (token.value === undefined) return String(!negated);
  if (option.negatable === true && !negated && BOOLEAN.test(token.value)) return token.value.toLowerCase();
  throw new MillraceError(option.negatable === true && !negated ? "option-not-boolean" : "option-with-value", {
    option: token.rawName,
    value: token.value,
  });
}

function valueOf(token: OptionToken, option: CommandOption): string {
  const { value } = token;
  // A word that looks like an option is one, unless it was joined on by `=` or is a negative number.
  const isOption = value !== undefined && !token.inlineValue && value.startsWith("-") && value !== "-" && !NUMBER_LIKE.test(value);
  if (value === undefined || isOption) {
    throw new MillraceError("option-without-value", { option: token.rawName, expected: option.placeholder ?? "VALUE", next: value });
  }
  return value;
}

/** What the given options say of settings. */
export function settingFlags({ options }: Arguments): SettingFlags {
  const flags: { [K in SettingName]?: readonly string[] } = {};
  for (const name of settingNames) {
    const given = options.get(settingDefinitions[name].option ?? name);
    if (given?.option.setting === name) flags[name] = name === "color" ? colorWords(given.values) : given.values;
  }
  return flags;
}

/** `--color` and `--no-color` are short for the setting's words. */
function colorWords(values: readonly string[]): string[] {
  return values.map((value) => (value === "true" ? "always" : "never"));
}

/**
 * The whole number from `least` that an option was given; undefined when it was not given.
 * @throws MillraceError `bad-option-value` for anything else.
 */
export function wholeNumberOption({ options }: Arguments, name: string, least = 0): number | undefined {
  const [text] = options.get(name)?.values ?? [];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new MillraceError("bad-option-value", { source: `--${name}`, value: `“${text}”`, expected: `a whole number from ${least}` });
}
