import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopBundler } from "../../src/bundle/esbuild.js";
import { failureFromError } from "../../src/bundle/error-failure.js";
import { MillraceError } from "../../src/core/errors/millrace-error.js";
import type { Failure } from "../../src/core/failure.js";
import { Child } from "./child.js";
import { createProject, installed, materialise } from "./project.js";

let child: Child;
beforeAll(async () => {
  child = await Child.create();
});
afterAll(async () => {
  child[Symbol.dispose]();
  await stopBundler();
});

/** The failure of a flow whose start step has the given lines, from line 4 on. */
async function failureOf(lines: string, files: Readonly<Record<string, string>> = {}, head = ""): Promise<Failure | undefined> {
  using project = createProject({
    "flows/flow.ts": `import { FlowSpec, step } from "millrace";${head}\nexport default class ScoreFlow extends FlowSpec {\n  @step async start(): Promise<void> {\n${lines}\n  }\n}\n`,
    ...files,
  });
  return (await child.load(await materialise(project, "flows/flow.ts"))).failure;
}

describe("a failure in the user's code", () => {
  test("has the frames of the user's own, in TypeScript's lines, and the source around the innermost", async () => {
    const failure = await failureOf(
      `    const rows: number[] = [1];\n    await null;\n    each(rows, (row: number) => {\n      throw new RangeError(\`row \${row as number}\`);\n    });`,
      {
        ...installed(
          "dep",
          { type: "module", main: "index.js" },
          { "index.js": `export function each(items, action) { items.map((item) => action(item)); }` },
        ),
        "lib/each.ts": `import { each as eachOf } from "dep";\n\ntype Action<T> = (item: T) => void;\n\nexport function each<T>(items: T[], action: Action<T>): void {\n  eachOf(items, action);\n}\n`,
      },
      ` import { each } from "../lib/each.js";`,
    );
    expect(failure).toMatchObject({ code: "exception", name: "RangeError", message: "row 1" });
    expect(failure?.frames.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      "flows/flow.ts:7:13",
      "lib/each.ts:6:3",
      "flows/flow.ts:6:5",
    ]);
    expect(failure?.frames.at(-1)?.function).toBe("ScoreFlow.start");
    expect(failure?.codeFrame).toBe(
      [
        "   5 |     await null;",
        "   6 |     each(rows, (row: number) => {",
        ">  7 |       throw new RangeError(`row ${row as number}`);",
        "     |             ^",
        "   8 |     });",
        "   9 |   }",
        "  10 | }",
      ].join("\n"),
    );
  });

  test("keeps its line and column behind an import() of a package", async () => {
    const failure = await failureOf(
      `    (await import("a-package-with-a-rather-long-name")).fail();  (await import("a-package-with-a-rather-long-name")).missing();`,
      {
        ...installed("a-package-with-a-rather-long-name", { type: "module", main: "index.js" }, { "index.js": `export function fail() {}` }),
      },
    );
    expect(failure?.name).toBe("TypeError");
    expect(failure?.frames[0]).toMatchObject({ file: "flows/flow.ts", line: 4, column: 118 });
  });

  test("has a cause, and that one's cause", async () => {
    const failure = await failureOf(`    const inner = new TypeError("inner", { cause: "text" });\n    throw new Error("outer", { cause: inner });`);
    expect(failure).toMatchObject({
      message: "outer",
      frames: [{ line: 5 }],
      cause: { name: "TypeError", message: "inner", frames: [{ line: 4 }], cause: { name: "thrown string", message: "text" } },
    });
  });

  test("has all errors of an AggregateError", async () => {
    const failure = await failureOf(`    await Promise.any([Promise.reject(new Error("one")), Promise.reject(new Error("two"))]);`);
    expect(failure).toMatchObject({ name: "AggregateError", errors: [{ message: "one" }, { message: "two" }] });
  });

  test("names the package that an import() does not find, and the way to get it", async () => {
    const failure = await failureOf(`    await import("not-installed/sub");`);
    expect(failure).toMatchObject({ message: "There is no package not-installed.", hint: "Run npm install not-installed" });
  });

  test("is found where the user's code prints stacks in its own way", async () => {
    const failure = await failureOf(
      `    Error.prepareStackTrace = (error, sites) => String(error) + sites.map((site) => "\\n    at " + String(site)).join("");\n    throw new Error("own");`,
    );
    expect(failure?.frames[0]).toMatchObject({ file: "flows/flow.ts", line: 5 });
  });
});

describe("a failure of anything thrown", () => {
  const failure = (error: unknown): Failure => failureFromError(error, {});

  test.each([
    ["a string", "boom", "thrown string", "boom"],
    ["nothing", undefined, "thrown undefined", ""],
    ["null", null, "thrown null", ""],
    ["a number", 7, "thrown number", "7"],
    ["an object", { status: 503 }, "thrown object", "{ status: 503 }"],
  ])("%s", (_, value, name, message) => {
    expect(failure(value)).toMatchObject({ code: "exception", name, message, frames: [], hint: expect.stringContaining("Throw an Error") as string });
  });

  test("a class's own name goes before Error", () => {
    class HttpError extends Error {}
    expect(failure(new HttpError("no")).name).toBe("HttpError");
  });

  test("properties that tell what happened stand in the message, unless it says so already", () => {
    expect(failure(Object.assign(new Error("request failed"), { code: "ECONNREFUSED", status: 503, body: "x" })).message).toBe(
      "request failed (code: ECONNREFUSED, status: 503)",
    );
    expect(failure(Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" })).message).toBe("ENOENT: no such file");
    expect(failure(Object.assign(new AggregateError([new Error("a")], ""), { code: "ECONNREFUSED" })).message).toBe("code: ECONNREFUSED");
  });

  test("getters and proxies that throw do not break it", () => {
    const hostile = new Error("hidden");
    for (const key of ["stack", "message", "cause", "name", "code"]) {
      Object.defineProperty(hostile, key, {
        get() {
          throw new Error("no");
        },
      });
    }
    expect(failure(hostile)).toMatchObject({ code: "exception", message: "" });
    const proxy = new Proxy(
      {},
      {
        get() {
          throw new Error("no");
        },
        getPrototypeOf() {
          throw new Error("no");
        },
        ownKeys() {
          throw new Error("no");
        },
      },
    );
    expect(failure(proxy).code).toBe("exception");
  });

  test("a huge message and a huge stack are cut", () => {
    const size = JSON.stringify(failure(new Error("x".repeat(5_000_000)))).length;
    expect(size).toBeLessThan(140_000);
  });

  test("causes that go round in a circle, and very long chains, end", () => {
    const a = new Error("a");
    a.cause = new Error("b", { cause: a });
    expect(failure(a).cause?.cause).toBeUndefined();
    let chain = new Error("0");
    for (let i = 1; i < 100; i++) chain = new Error(String(i), { cause: chain });
    expect(JSON.stringify(failure(chain)).match(/"cause"/g)?.length).toBe(8);
  });

  test("errors of millrace keep their code and hint", () => {
    const error = new MillraceError("flow-file-missing", { file: "a.ts" }, { position: { file: "a.ts", line: 1, column: 2 } });
    expect(failure(error)).toMatchObject({
      code: "flow-file-missing",
      message: "There is no file a.ts.",
      hint: error.hint,
      frames: [{ file: "a.ts", line: 1, column: 2 }],
    });
  });
});
