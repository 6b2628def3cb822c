import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArguments, settingFlags, wholeNumberOption, type Arguments } from "../../src/cli/arguments.js";
import { findFlowReference } from "../../src/cli/flow-reference.js";
import { everywhere, settingOption, type CommandOption } from "../../src/cli/option.js";
import { givenParameters, parameterOptions } from "../../src/cli/parameter-options.js";
import type { ParameterDefinition } from "../../src/core/definition.js";

const definitions: readonly ParameterDefinition[] = [
  { name: "alpha", flag: "alpha", type: "number", list: false, required: false, defaultText: "0.01", help: "Learning rate" },
  { name: "chunkSize", flag: "chunk-size", type: "int", list: false, required: true },
  { name: "test", flag: "test", type: "boolean", list: false, required: false, defaultText: "false" },
  { name: "names", flag: "names", type: "string", list: true, required: false, computedDefault: true },
];

const options: readonly CommandOption[] = [
  settingOption("maxWorkers"),
  settingOption("tags"),
  settingOption("keepGoing"),
  settingOption("quiet"),
  ...everywhere,
];
const all = [...options, ...parameterOptions(definitions)];

function parse(line: string): Arguments {
  return parseArguments(line === "" ? [] : line.split(" "), { command: "run", options: all, flow: "ScoreFlow" });
}

function values(line: string): Record<string, readonly string[]> {
  return Object.fromEntries([...parse(line).options].map(([name, option]) => [name, option.values]));
}

const words = (line: string): string[] => parse(line).positionals.map(({ text }) => text);

describe("options", () => {
  test.each([
    ["--alpha 0.5", { alpha: ["0.5"] }],
    ["--alpha=0.5", { alpha: ["0.5"] }],
    ["--alpha -0.5", { alpha: ["-0.5"] }],
    ["--alpha -.5", { alpha: ["-.5"] }],
    ["--alpha -1e3", { alpha: ["-1e3"] }],
    ["--alpha -Infinity", { alpha: ["-Infinity"] }],
    ["--alpha=", { alpha: [""] }],
    ["--alpha=--test", { alpha: ["--test"] }],
    ["--alpha -", { alpha: ["-"] }],
    ["--chunk-size 50", { "chunk-size": ["50"] }],
    ["--chunkSize 50", { "chunk-size": ["50"] }],
    ["--chunkSize=50", { "chunk-size": ["50"] }],
    ["--maxWorkers 2", { "max-workers": ["2"] }],
    ["--test", { test: ["true"] }],
    ["--no-test", { test: ["false"] }],
    ["--test true", { test: ["true"] }],
    ["--test false", { test: ["false"] }],
    ["--test=false", { test: ["false"] }],
    ["--test FALSE", { test: ["false"] }],
    ["--no-keep-going", { "keep-going": ["false"] }],
    ["--tag a --tag b", { tag: ["a", "b"] }],
    ["--names a,b --names c", { names: ["a,b", "c"] }],
    ["--alpha 1 --alpha 1", { alpha: ["1"] }],
    ["--no-color", { color: ["false"] }],
    ["-h", { help: ["true"] }],
  ])("%s", (line, expected) => {
    expect(values(line)).toEqual(expected);
    expect(words(line)).toEqual([]);
  });

  test.each([
    ["flow.ts --alpha 1", ["flow.ts"]],
    ["--alpha 1 flow.ts", ["flow.ts"]],
    ["--test flow.ts", ["flow.ts"]],
    ["--test true flow.ts", ["flow.ts"]],
    ["--no-test true flow.ts", ["true", "flow.ts"]],
    ["--quiet -- --alpha", ["--alpha"]],
    ["flow.ts step", ["flow.ts", "step"]],
  ])("words of %s", (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test.each([
    ["--alhpa 1", "unknown-option", "Did you mean --alpha?"],
    ["--chunk-sise=1", "unknown-option", "Did you mean --chunk-size?"],
    ["--maxworkers 1", "unknown-option", "Did you mean --max-workers?"],
    ["-x", "unknown-option", "--help"],
    ["--alpha", "option-without-value", "Write --alpha NUMBER."],
    ["--alpha --test", "option-without-value", "joined on: --alpha=--test"],
    ["--alpha -x", "option-without-value", "--alpha=-x"],
    ["--alpha 1 --alpha 2", "option-repeated", "Leave one out"],
    ["--test --no-test", "option-repeated", "Leave one out"],
    ["--test=perhaps", "option-not-boolean", "Write --test or --test=false"],
    ["--no-test=true", "option-with-value", "alone"],
    ["--help=yes", "option-with-value", "alone"],
  ])("%s is refused (%s)", (line, code, hint) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code, exitCode: 2, hint: expect.stringContaining(hint) as string }));
  });

  test("give settings their values", () => {
    expect(settingFlags(parse("--max-workers 2 --tag a --no-color --quiet --alpha 1"))).toEqual({
      maxWorkers: ["2"],
      tags: ["a"],
      color: ["never"],
      quiet: ["true"],
    });
  });

  test("stand anywhere, in any order", () => {
    const pieces = fc.shuffledSubarray([["--alpha", "-2"], ["--test"], ["--chunk-size=5"], ["flow.ts"], ["--tag", "x"], ["--quiet"]]);
    fc.assert(
      fc.property(pieces, (chosen) => {
        const { options: given, positionals } = parseArguments(chosen.flat(), { command: "run", options: all });
        expect(positionals.map(({ text }) => text)).toEqual(chosen.flat().filter((word) => word === "flow.ts"));
        expect([...given.keys()].toSorted()).toEqual(
          chosen
            .filter(([name = ""]) => name.startsWith("--"))
            .map(([name = ""]) => name.slice(2).replace("=5", ""))
            .toSorted(),
        );
      }),
    );
  });

  test("whole numbers are read strictly", () => {
    const limit: CommandOption = { name: "limit", placeholder: "N", help: "" };
    const read = (text: string): number | undefined =>
      wholeNumberOption(parseArguments(text === "" ? [] : ["--limit", text], { command: "runs", options: [limit] }), "limit", 1);
    expect([read(""), read("1"), read("20")]).toEqual([undefined, 1, 20]);
    for (const text of ["0", "1.5", "x", "-1"]) expect(() => read(text)).toThrow(expect.objectContaining({ code: "bad-option-value" }));
  });
});

describe("the flow among the arguments, before its parameters are known", () => {
  test.each([
    ["flow.ts --alpha 0.5", "flow.ts"],
    ["--alpha 0.5 flow.ts", "flow.ts"],
    ["--alpha=0.5 flow.ts", "flow.ts"],
    ["--test flow.ts", "flow.ts"],
    ["--input data.ts flow.ts", "flow.ts"],
    ["--max-workers 4 flow.ts", "flow.ts"],
    ["--tag a.ts flow.ts", "flow.ts"],
    ["--test flow.ts join", "flow.ts"],
    ["flow.ts join", "flow.ts"],
    ["--alpha 0.5 flows.mts#Score", "flows.mts#Score"],
    ["--alpha 0.5 Score/12", "Score/12"],
    ["nosuchfile", "nosuchfile"],
    ["--alpha 0.5", "0.5"],
    ["--quiet", undefined],
    ["", undefined],
  ])("%s", (line, expected) => {
    const { positionals } = parseArguments(line === "" ? [] : line.split(" "), { command: "run", options, lenient: true });
    expect(findFlowReference(positionals)?.text).toBe(expected);
  });
});

describe("parameters as options", () => {
  test("carry how they were written", () => {
    expect(givenParameters(definitions, parse("--chunkSize 5 --no-test --names a --names b"))).toEqual({
      chunkSize: { value: "5", source: "--chunkSize" },
      test: { value: "false", source: "--no-test" },
      names: { value: ["a", "b"], source: "--names" },
    });
    expect(givenParameters(definitions, parse("--names a,b"))).toEqual({ names: { value: "a,b", source: "--names" } });
  });

  test("show type, default and help", () => {
    expect(parameterOptions(definitions).map(({ name, placeholder, help, fallback }) => [name, placeholder, help, fallback])).toEqual([
      ["alpha", "NUMBER", "Learning rate", "0.01"],
      ["chunk-size", "INTEGER", "(required)", undefined],
      ["test", undefined, "", "false"],
      ["names", "TEXT,…", "", "computed when the run starts"],
    ]);
  });
});
