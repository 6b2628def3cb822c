import { expect, test } from "vitest";
import type { ConfigFile } from "../../src/config/config-file.js";
import { gatherParameters } from "../../src/config/parameter-sources.js";
import type { ParameterDefinition } from "../../src/core/definition.js";
import { MillraceError } from "../../src/core/errors/millrace-error.js";

const definitions: readonly ParameterDefinition[] = [
  { name: "alpha", flag: "alpha", type: "number", list: false, required: false, env: "LEARNING_RATE" },
  { name: "chunkSize", flag: "chunk-size", type: "int", list: false, required: false },
  { name: "idFile", flag: "id-file", type: "string", list: false, required: false },
];

const flow = "ScoreFlow";

function file(parameters: ConfigFile["parameters"]): ConfigFile {
  return { name: "millrace.config.json", folder: "/", values: {}, parameters };
}

test("parameters come from the command line, their variables, then the file", () => {
  const gathered = gatherParameters({
    flow,
    definitions,
    flags: { alpha: { value: "1", source: "--alpha" } },
    environment: { MILLRACE_RUN_ALPHA: "2", MILLRACE_RUN_CHUNK_SIZE: "20" },
    file: file({ ScoreFlow: { alpha: 3, "chunk-size": 30, idFile: "x" }, Other: { nothing: 1 } }),
  });
  expect(gathered).toEqual({
    alpha: { value: "1", source: "--alpha" },
    chunkSize: { value: "20", source: "MILLRACE_RUN_CHUNK_SIZE" },
    idFile: { value: "x", source: "idFile in millrace.config.json" },
  });
});

test("a parameter's own variable stands after ours", () => {
  const read = (environment: Record<string, string>): unknown =>
    gatherParameters({ flow, definitions, flags: {}, environment, file: undefined })["alpha"];
  expect(read({ LEARNING_RATE: "5" })).toEqual({ value: "5", source: "LEARNING_RATE" });
  expect(read({ LEARNING_RATE: "5", MILLRACE_RUN_ALPHA: "6" })).toEqual({ value: "6", source: "MILLRACE_RUN_ALPHA" });
});

test("the setting MILLRACE_RUN_ID_FILE sets no parameter", () => {
  expect(gatherParameters({ flow, definitions, flags: {}, environment: { MILLRACE_RUN_ID_FILE: "id" }, file: undefined })).toEqual({});
});

test("an unknown parameter in the file is refused, with the nearest name", () => {
  const gather = (): unknown => gatherParameters({ flow, definitions, flags: {}, environment: {}, file: file({ ScoreFlow: { chunkSise: 1 } }) });
  expect(gather).toThrow(MillraceError);
  expect(gather).toThrow(
    expect.objectContaining({ code: "config-parameter-unknown", hint: expect.stringContaining("Did you mean chunkSize?") as string }),
  );
});
