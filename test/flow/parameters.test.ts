import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonValue } from "../../src/core/json.js";
import type { FlowClass } from "../../src/flow/flow-class.js";
import { createFlow, readParameters } from "../../src/flow/flow-parameters.js";
import { parameterFlag } from "../../src/flow/parameter-flag.js";
import { resolveParameters } from "../../src/flow/parameter-values.js";
import { FlowSpec, includeFile, parameter } from "../../src/index.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flow-parameters-"));
  await writeFile(join(folder, "words.txt"), "the\nof\n");
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Resolves a flow's parameters with values as a command line gives them. */
async function resolve(Flow: FlowClass, given: Readonly<Record<string, JsonValue>> = {}) {
  const { specs } = readParameters(Flow);
  const resolved = await resolveParameters({
    specs,
    given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, source: `--${parameterFlag(name)}` }])),
    flowDir: folder,
    cwd: folder,
  });
  return { ...resolved, codes: resolved.problems.map((problem) => problem.code), messages: resolved.problems.map((problem) => problem.message) };
}

describe("the parameters of a class", () => {
  class Score extends FlowSpec {
    alpha = parameter({ default: 0.01, help: "Learning rate", env: "ALPHA" });
    chunkSize = parameter({ default: 100 });
    size = this.chunkSize * 2;
    test = parameter({ default: false });
    name = parameter({ type: "string" });
    names = parameter({ default: ["a", "b"] });
    counts = parameter({ type: "int", list: true, required: false });
    day = parameter({ default: () => "today" });
    options = parameter({ type: "json", default: { deep: true } });
    range = parameter({ schema: z.object({ from: z.number() }) });
    level = parameter({ schema: z.number().default(3) });
    words = includeFile({ default: "words.txt" });
  }

  test("are told in source order, with types, flags and defaults", () => {
    expect(readParameters(Score).definitions).toEqual([
      { name: "alpha", flag: "alpha", type: "number", list: false, required: false, help: "Learning rate", defaultText: "0.01", env: "ALPHA" },
      { name: "chunkSize", flag: "chunk-size", type: "number", list: false, required: false, defaultText: "100" },
      { name: "test", flag: "test", type: "boolean", list: false, required: false, defaultText: "false" },
      { name: "name", flag: "name", type: "string", list: false, required: true },
      { name: "names", flag: "names", type: "string", list: true, required: false, defaultText: "a,b" },
      { name: "counts", flag: "counts", type: "int", list: true, required: false },
      { name: "day", flag: "day", type: "string", list: false, required: false, computedDefault: true },
      { name: "options", flag: "options", type: "json", list: false, required: false, defaultText: '{"deep":true}' },
      { name: "range", flag: "range", type: "schema", list: false, required: true },
      { name: "level", flag: "level", type: "schema", list: false, required: false },
      { name: "words", flag: "words", type: "file", list: false, required: false, defaultText: "words.txt" },
    ]);
  });

  test("have their real values while the flow is constructed", () => {
    const flow = createFlow(Score, { alpha: 0.5, chunkSize: 7, name: "n" });
    expect(flow).toMatchObject({ alpha: 0.5, chunkSize: 7, size: 14, name: "n" });
  });

  test("of base classes come first, and a subclass may replace them", () => {
    class Base extends FlowSpec {
      size = parameter({ default: 1 });
      other = parameter({ default: "x" });
    }
    class Derived extends Base {
      override size = parameter({ default: 2 });
      last = parameter({ default: true });
    }
    expect(readParameters(Derived).definitions.map(({ name, defaultText }) => [name, defaultText])).toEqual([
      ["size", "2"],
      ["other", "x"],
      ["last", "true"],
    ]);
    expect(createFlow(Derived, { size: 5, other: "y", last: false })).toMatchObject({ size: 5, other: "y", last: false });
  });

  test("are not confused by private fields, plain fields and constructors", () => {
    class Mixed extends FlowSpec {
      readonly #secret = 3;
      before = "x";
      a = parameter({ default: 1 });
      between = this.#secret;
      b = parameter({ default: 1 });
      late: number;
      constructor() {
        super();
        this.late = this.a + this.b;
      }
    }
    expect(readParameters(Mixed).definitions.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(createFlow(Mixed, { a: 10, b: 20 })).toMatchObject({ a: 10, b: 20, between: 3, late: 30 });
  });

  test.each([
    [
      class extends FlowSpec {
        x = parameter({ default: 1 }) * 2;
      },
      "parameter-not-a-field",
    ],
    [
      class extends FlowSpec {
        x = [parameter({ default: 1 }), parameter({ default: 2 })];
      },
      "parameter-not-a-field",
    ],
    [
      class extends FlowSpec {
        readonly #x = parameter({ default: 1 });
        y() {
          return this.#x;
        }
      },
      "parameter-not-a-field",
    ],
    [
      class extends FlowSpec {
        x = new URL("not a url");
      },
      "flow-construction-failed",
    ],
    [
      class extends FlowSpec {
        x = parameter(JSON.parse('{ "defualt": 1 }'));
      },
      "bad-parameter-options",
    ],
    [
      class extends FlowSpec {
        x = parameter(JSON.parse('{ "type": "number", "default": "1" }'));
      },
      "bad-parameter-options",
    ],
    [
      class extends FlowSpec {
        x = parameter(JSON.parse('{ "type": "text" }'));
      },
      "bad-parameter-options",
    ],
    [
      class extends FlowSpec {
        x = parameter(JSON.parse('{ "default": 1, "required": true }'));
      },
      "bad-parameter-options",
    ],
    [
      class extends FlowSpec {
        x = includeFile(JSON.parse('{ "encoding": "utf-99" }'));
      },
      "bad-parameter-options",
    ],
  ])("%# are refused where they cannot work: %s", (Flow, code) => {
    expect(() => readParameters(Flow)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  test("without a default may be used by initialisers that fail without a value, if no parameter comes after", () => {
    class First extends FlowSpec {
      url = parameter({ type: "string" });
      limit = parameter({ default: 3 });
      host = new URL(this.url).host;
      later = this.limit;
    }
    class Last extends FlowSpec {
      url = parameter({ type: "string" });
      host = new URL(this.url).host;
      limit = parameter({ default: 3 });
    }
    class Broken extends FlowSpec {
      url = parameter({ default: "not a url" });
      host = new URL(this.url).host;
    }
    expect(readParameters(First).definitions.map(({ name }) => name)).toEqual(["url", "limit"]);
    expect(createFlow(First, { url: "http://a.b/", limit: 4 })).toMatchObject({ url: "http://a.b/", host: "a.b", later: 4 });
    expect(() => createFlow(First, { url: "x", limit: 4 })).toThrow(expect.objectContaining({ code: "flow-construction-failed" }));
    expect(() => readParameters(Last)).toThrow(
      expect.objectContaining({ code: "flow-construction-failed", hint: expect.stringContaining("url is empty") }),
    );
    expect(() => readParameters(Broken)).toThrow(
      expect.objectContaining({ code: "flow-construction-failed", message: expect.stringContaining("Invalid URL") }),
    );
  });

  test("are refused outside a flow's construction", () => {
    expect(() => parameter({ default: 1 })).toThrow(expect.objectContaining({ code: "parameter-outside-field" }));
    expect(() => new Score()).toThrow(expect.objectContaining({ code: "parameter-outside-field" }));
  });
});

test.each([
  ["chunkSize", "chunk-size"],
  ["chunk_size", "chunk-size"],
  ["outputURL", "output-url"],
  ["URLPath", "url-path"],
  ["s3Bucket", "s3-bucket"],
  ["_hidden", "hidden"],
  ["alpha", "alpha"],
])("the field %s is the option --%s", (field, flag) => {
  expect(parameterFlag(field)).toBe(flag);
});

describe("values from text", () => {
  class Typed extends FlowSpec {
    text = parameter({ default: "x" });
    number = parameter({ default: 1.5 });
    whole = parameter({ type: "int", default: 1 });
    flag = parameter({ default: false });
    data = parameter({ type: "json", default: null });
    list = parameter({ type: "number", list: true, default: [] });
    texts = parameter({ type: "string", list: true, default: [] });
    jsons = parameter({ type: "json", list: true, default: [] });
  }

  test.each<[string, JsonValue, unknown]>([
    ["text", "a,b", "a,b"],
    ["text", "", ""],
    ["text", 5, "5"],
    ["number", "-2.5e3", -2500],
    ["number", 7, 7],
    ["whole", "12", 12],
    ["whole", "1e3", 1000],
    ["flag", "yes", true],
    ["flag", "0", false],
    ["flag", true, true],
    ["data", '{"a":[1]}', { a: [1] }],
    ["data", { a: 1 }, { a: 1 }],
    ["list", "1, 2,3", [1, 2, 3]],
    ["list", "[4,5]", [4, 5]],
    ["list", [6], [6]],
    ["list", "", []],
    ["texts", "a, b", ["a", "b"]],
    ["texts", '["a,b","c"]', ["a,b", "c"]],
    ["texts", "[not json", ["[not json"]],
    ["jsons", '[{"a":1}]', [{ a: 1 }]],
  ])("%s given %j is %j", async (name, given, expected) => {
    const { values, problems } = await resolve(Typed, { [name]: given });
    expect(problems).toEqual([]);
    expect(values[name]).toEqual(expected);
  });

  test.each<[string, JsonValue]>([
    ["number", "abc"],
    ["number", ""],
    ["number", true],
    ["whole", "1.5"],
    ["whole", 1.5],
    ["flag", "maybe"],
    ["flag", 1],
    ["data", "{oops"],
    ["list", "1,x"],
    ["jsons", "{}"],
    ["text", { a: 1 }],
  ])("%s given %j is refused", async (name, given) => {
    const { problems } = await resolve(Typed, { [name]: given });
    expect(problems).toMatchObject([{ code: "bad-parameter-value", exitCode: 2 }]);
    expect(problems[0]?.message).toContain(`--${name}`);
    expect(problems[0]?.message).toContain(name);
  });
});

describe("values from schemas", () => {
  class WithSchemas extends FlowSpec {
    text = parameter({ schema: z.string(), default: "x" });
    number = parameter({ schema: z.number().min(3), default: 5 });
    when = parameter({ schema: z.coerce.date(), default: new Date(0) });
    range = parameter({ schema: z.object({ from: z.number() }), default: { from: 0 } });
    slow = parameter({ schema: z.string().refine(async (text) => Promise.resolve(text === "ok")), default: "ok" });
    own = parameter({ schema: z.number().default(9) });
  }

  test.each<[string, JsonValue, unknown]>([
    ["text", "12", "12"],
    ["number", "12", 12],
    ["number", 12, 12],
    ["when", "2020-01-02", new Date("2020-01-02")],
    ["range", '{"from":3}', { from: 3 }],
    ["range", { from: 4 }, { from: 4 }],
    ["slow", "ok", "ok"],
    ["own", "4", 4],
  ])("%s given %j is %j", async (name, given, expected) => {
    const { values, problems } = await resolve(WithSchemas, { [name]: given });
    expect(problems).toEqual([]);
    expect(values[name]).toEqual(expected);
  });

  test("have the schema's own default, or the parameter's", async () => {
    expect((await resolve(WithSchemas)).values).toMatchObject({ own: 9, text: "x", when: new Date(0) });
  });

  test.each<[string, JsonValue]>([
    ["number", "1"],
    ["range", '{"from":"x"}'],
    ["slow", "no"],
    ["when", "never"],
  ])("%s given %j is refused", async (name, given) => {
    expect((await resolve(WithSchemas, { [name]: given })).problems).toMatchObject([{ code: "parameter-refused", exitCode: 2 }]);
  });

  test("say what is wrong where", async () => {
    const { messages } = await resolve(WithSchemas, { range: '{"from":"x"}' });
    expect(messages[0]).toContain("from: ");
  });
});

describe("defaults", () => {
  test("that a function makes are called once, and only when nothing was given", async () => {
    let calls = 0;
    class Computed extends FlowSpec {
      day = parameter({
        default: async () => {
          calls++;
          return Promise.resolve("today");
        },
        type: "string",
      });
    }
    readParameters(Computed);
    expect(calls).toBe(0);
    expect((await resolve(Computed)).values).toEqual({ day: "today" });
    expect(calls).toBe(1);
    expect((await resolve(Computed, { day: "2020" })).values).toEqual({ day: "2020" });
    expect(calls).toBe(1);
  });

  test("that a function makes give an untyped parameter its type", async () => {
    class Computed extends FlowSpec {
      count = parameter({ default: () => 3 });
    }
    expect((await resolve(Computed, { count: "4" })).values).toEqual({ count: 4 });
    expect((await resolve(Computed, { count: "x" })).codes).toEqual(["bad-parameter-value"]);
  });

  test("that fail or have another type are problems", async () => {
    class Computed extends FlowSpec {
      fails = parameter({
        default: (): string => {
          throw new Error("no network");
        },
      });
      other = parameter({ type: "int", default: () => 1.5 });
    }
    const { codes, messages } = await resolve(Computed);
    expect(codes).toEqual(["parameter-default-failed", "bad-parameter-default"]);
    expect(messages[0]).toContain("no network");
  });

  test("may be null or left out", async () => {
    class Optional extends FlowSpec {
      a = parameter({ type: "number", default: null });
      b = parameter({ type: "number", required: false });
      c = includeFile({ required: false });
    }
    const { values, problems } = await resolve(Optional);
    expect(problems).toEqual([]);
    expect(values).toEqual({ a: null, b: undefined, c: undefined });
  });
});

test("every problem is collected", async () => {
  class Wrong extends FlowSpec {
    needed = parameter({ type: "number" });
    alpha = parameter({ default: 1 });
    file = includeFile({ default: "gone.txt" });
  }
  const { codes, messages } = await resolve(Wrong, { alpha: "abc", alhpa: "1" });
  expect(codes.toSorted()).toEqual(["bad-parameter-value", "parameter-file-unreadable", "parameter-missing", "unknown-parameter"]);
  expect(messages.join("\n")).toContain("gone.txt");
});

describe("included files", () => {
  class Files extends FlowSpec {
    text = includeFile({ default: "words.txt" });
    bytes = includeFile({ default: "words.txt", encoding: null });
  }

  test("are read as text, or as bytes", async () => {
    const { values } = await resolve(Files);
    expect(values).toEqual({ text: "the\nof\n", bytes: Buffer.from("the\nof\n") });
  });

  test("are found from the flow's folder by default, from the current one when given", async () => {
    const { specs } = readParameters(Files);
    const other = await mkdtemp(join(tmpdir(), "flow-cwd-"));
    await writeFile(join(other, "mine.txt"), "mine");
    const { values, problems } = await resolveParameters({
      specs,
      given: { text: { value: "mine.txt", source: "--text" } },
      flowDir: folder,
      cwd: other,
    });
    await rm(other, { recursive: true });
    expect(problems).toEqual([]);
    expect(values).toEqual({ text: "mine", bytes: Buffer.from("the\nof\n") });
  });
});
