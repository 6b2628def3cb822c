// The type that each form of a parameter gives its field.
import { z } from "zod";
import { current, FlowSpec, includeFile, parameter } from "../../src/index.js";

/** An error where two types differ. */
type Expect<T extends true> = T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export class Parameters extends FlowSpec {
  number = parameter({ default: 0.01, help: "a number", env: "NUMBER" });
  text = parameter({ default: "x" });
  flag = parameter({ default: false });
  made = parameter({ default: () => 5 });
  madeLater = parameter({ default: async () => Promise.resolve("x") });
  texts = parameter({ default: ["a", "b"] });
  object = parameter({ default: { deep: [1] } });
  bare = parameter();
  requiredText = parameter({ help: "needed" });
  optionalText = parameter({ required: false });
  typed = parameter({ type: "number" });
  whole = parameter({ type: "int", default: 3 });
  wholeMade = parameter({ type: "int", default: () => 3 });
  nullable = parameter({ type: "number", default: null });
  optional = parameter({ type: "boolean", required: false });
  list = parameter({ type: "number", list: true });
  listDefault = parameter({ type: "int", list: true, default: [1, 2] });
  listBare = parameter({ list: true });
  listOptional = parameter({ type: "string", list: true, required: false });
  json = parameter({ type: "json" });
  jsonDefault = parameter({ type: "json", default: { a: 1 } });
  schema = parameter({ schema: z.object({ from: z.number() }) });
  schemaDefault = parameter({ schema: z.coerce.date(), default: new Date(0) });
  schemaOptional = parameter({ schema: z.number(), required: false });
  file = includeFile({ default: "data.csv" });
  bytes = includeFile({ default: "data.bin", encoding: null });
  latin = includeFile({ default: "data.txt", encoding: "latin1" });
  optionalFile = includeFile({ required: false });
  // A field may be computed from a parameter.
  twice = this.number * 2;
}

export type Types = [
  Expect<Same<Parameters["number"], number>>,
  Expect<Same<Parameters["text"], string>>,
  Expect<Same<Parameters["flag"], boolean>>,
  Expect<Same<Parameters["made"], number>>,
  Expect<Same<Parameters["madeLater"], string>>,
  Expect<Same<Parameters["texts"], string[]>>,
  Expect<Same<Parameters["object"], { deep: number[] }>>,
  Expect<Same<Parameters["bare"], string>>,
  Expect<Same<Parameters["requiredText"], string>>,
  Expect<Same<Parameters["optionalText"], string | undefined>>,
  Expect<Same<Parameters["typed"], number>>,
  Expect<Same<Parameters["whole"], number>>,
  Expect<Same<Parameters["wholeMade"], number>>,
  Expect<Same<Parameters["nullable"], number | null>>,
  Expect<Same<Parameters["optional"], boolean | undefined>>,
  Expect<Same<Parameters["list"], number[]>>,
  Expect<Same<Parameters["listDefault"], number[]>>,
  Expect<Same<Parameters["listBare"], string[]>>,
  Expect<Same<Parameters["listOptional"], string[] | undefined>>,
  Expect<Same<Parameters["json"], unknown>>,
  Expect<Same<Parameters["jsonDefault"], { a: number }>>,
  Expect<Same<Parameters["schema"], { from: number }>>,
  Expect<Same<Parameters["schemaDefault"], Date>>,
  Expect<Same<Parameters["schemaOptional"], number | undefined>>,
  Expect<Same<Parameters["file"], string>>,
  Expect<Same<Parameters["bytes"], Buffer>>,
  Expect<Same<Parameters["latin"], string>>,
  Expect<Same<Parameters["optionalFile"], string | undefined>>,
];

export class Refused extends FlowSpec {
  // @ts-expect-error -- the default is of the type
  a = parameter({ type: "number", default: "1" });
  // @ts-expect-error -- no such type
  b = parameter({ type: "date" });
  // @ts-expect-error -- it has a default or is required
  c = parameter({ default: 1, required: true });
  // @ts-expect-error -- the option is called default
  d = parameter({ defualt: 1 });
  // @ts-expect-error -- the schema says what it is
  e = parameter({ schema: z.number(), type: "number" });
  // @ts-expect-error -- the default is of the schema's type
  f = parameter({ schema: z.number(), default: "1" });
  // @ts-expect-error -- a path
  g = includeFile({ default: 3 });
  // @ts-expect-error -- no such encoding
  h = includeFile({ default: "x", encoding: "utf-99" });
}

export const told: readonly [string, number, readonly string[], string | undefined] = [
  current.pathspec,
  current.retryCount,
  current.tags,
  current.originRunId,
];
// @ts-expect-error -- it is given, not set
current.runId = "3";
// @ts-expect-error -- there is no such thing
export const misspelt: unknown = current.runID;
