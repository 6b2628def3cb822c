import { describe, expect, test } from "vitest";
import type { RunningCommand } from "../rig/command.js";
import { flowText } from "../rig/flow-text.js";
import type { Failure } from "../../src/core/failure.js";
import { RemoteProject } from "../compute/remote/remote-project.js";
import { writePackage } from "./npm-package.js";

const AWAY = { MILLRACE_WITH: "batch" };

/** What a job finds, told by code in a folder of its own. */
const look = `
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import * as esbuild from "esbuild";
import { parseAst } from "rollup/parseAst";
export async function look() {
  return {
    byUrl: parse(readFileSync(new URL("../data/rows.csv", import.meta.url))),
    byFolder: readFileSync(join(import.meta.dirname, "notes.txt"), "utf8"),
    byWork: readFileSync("data/rows.csv", "utf8"),
    built: (await esbuild.transform("let x: number = 1", { loader: "ts" })).code,
    parsed: parseAst("1").type,
    package: require("csv-parse/sync").parse("1,2"),
  };
}
export function files() {
  return readdirSync(".", { recursive: true }).map(String).filter((path) => !/node_modules|^\\.millrace|^jobs/.test(path)).sort();
}
declare const require: (name: string) => { parse(text: string): unknown };
`;

const lookingFlow = flowText({
  imports: "batch, local",
  fields: "here!: unknown; there!: unknown; files!: readonly string[];",
  head: `import { look, files } from "./lib/look.ts";`,
  steps: `
  @step @local async start() { this.here = await look(); this.next(this.away); }
  @step @batch async away() { this.there = await look(); this.files = files(); this.next(this.end); }
  @step @local end() {}`,
});

describe("a job", () => {
  test("finds files, packages and millrace as at home, and nothing else", async () => {
    await using remote = await RemoteProject.create(
      {
        "flow.ts": lookingFlow,
        "lib/look.ts": look,
        "lib/notes.txt": "notes",
        "lib/unwanted.md": "not asked for",
        "data/rows.csv": "a,b\n1,2\n",
        ".env": "PASSWORD=1",
        ".hidden/rows.csv": "hidden",
        "data/.rows.csv": "hidden",
      },
      { packages: ["csv-parse", "esbuild", "rollup"] },
    );
    await remote.expectEnd(0, ["run"], { MILLRACE_PACKAGE_SUFFIXES: ".csv,.txt" });
    expect(remote.submissions).toEqual([1]);
    const here = await remote.results.artifact("Demo/1/end/0", "here");
    expect(here).toMatchObject({
      byUrl: [
        ["a", "b"],
        ["1", "2"],
      ],
      byFolder: "notes",
      built: "let x = 1;\n",
      parsed: "Program",
    });
    expect(await remote.results.artifact("Demo/1/end/0", "there")).toEqual(here);
    expect(await remote.results.artifact("Demo/1/end/0", "files")).toEqual([
      ".flow",
      ".flow/flow.mjs",
      ".flow/flow.mjs.map",
      "data",
      "data/rows.csv",
      "lib",
      "lib/notes.txt",
    ]);
  });

  test("of a resumed run gets the files that the run before sent, with the code that it recorded", async () => {
    await using remote = await RemoteProject.create({
      "flow.ts": flowText({
        imports: "local",
        fields: "found!: string;",
        head: `import { readFileSync } from "node:fs";`,
        steps: `
  @step @local start() { this.next(this.away); }
  @step away() {
    this.found = readFileSync(new URL("data.txt", import.meta.url), "utf8");
    this.next(this.end);
  }
  @step @local end() {}`,
      }),
      "data.txt": "as it was",
    });
    const sent = { ...AWAY, MILLRACE_PACKAGE_SUFFIXES: "data.txt" };
    await remote.expectEnd(0, ["run"], sent);
    await remote.project.write({ "data.txt": "changed", "flow.ts": "broken" });
    await remote.expectEnd(0, ["resume-recorded", "away"], sent);
    expect(remote.submissions).toEqual([1, 1]);
    expect(await remote.results.artifact("Demo/2/end/0", "found")).toBe("as it was");
  });

  test("fails with the words, lines and frames of home", async () => {
    await using remote = await RemoteProject.create(
      {
        "flow.ts": flowText({
          head: `import { work } from "./lib/deep.ts";`,
          steps: `@step start() { work({ n: 1 }); this.next(this.end); } @step @local end() {}`,
          imports: "local",
        }),
        "lib/deep.ts": `import { z } from "zod";
interface Input { readonly n: number }
export function work(input: Input): void {
  [input].forEach((each) => inner(each));
}
function inner({ n }: Input): void {
  if (z.number().parse(n) === 1) throw new RangeError("not one", { cause: new Error("the cause") });
}
`,
      },
      { packages: ["zod"] },
    );
    const home = await remote.expectEnd(1, ["run"]);
    const away = await remote.expectEnd(1, ["run"], AWAY);
    expect(remote.submissions).toEqual([1]);
    const [athome, inJob] = [failureOf(home.command), failureOf(away.command)];
    expect(athome?.frames.map(({ file, line }) => `${file}:${line}`)).toEqual(["lib/deep.ts:7", "lib/deep.ts:4", "lib/deep.ts:4", "flow.ts:6"]);
    expect(withoutStack(inJob)).toEqual(withoutStack(athome));
  });

  test("whose code does not load there fails with the words and the line of the code", async () => {
    await using remote = await RemoteProject.create({
      "flow.ts": flowText({
        imports: "local",
        head: `import { readFileSync } from "node:fs";
export const settings = readFileSync("at-home.txt", "utf8");`,
        steps: `@step start() { this.next(this.end); } @step @local end() {}`,
      }),
      "at-home.txt": "it does not travel",
    });
    const { command, result } = await remote.expectEnd(1, ["run"], AWAY);
    const failure = failureOf(command);
    expect(failure).toMatchObject({
      code: "flow-load-failed",
      message: expect.stringMatching(/flow\.ts cannot be loaded[^]*ENOENT[^]*at-home\.txt/),
    });
    expect(failure?.message).toMatch(/> 4 \| export const settings = readFileSync/);
    expect(result.all).not.toContain("does not say why");
  });

  test("has the packages that its step names, of a version of their own", async () => {
    await using remote = await RemoteProject.create({
      "flow.ts": flowText({
        imports: "npm, local",
        fields: "old!: string; young!: string; none!: string;",
        head: `import { version } from "./lib/version.ts";`,
        steps: `
  @step @npm({ packages: { "test-pack": "file:./old.tgz" } }) async start() { this.old = await version(); this.next(this.other); }
  @step @npm({ packages: { "test-pack": "file:./young.tgz" } }) async other() { this.young = await version(); this.next(this.third); }
  @step async third() { this.none = await version().catch((error) => error.code); this.next(this.end); }
  @step @local end() {}`,
      }),
      "lib/version.ts": `// @ts-ignore: it is there for the steps that name it\nexport const version = async (): Promise<string> => (await import("test-pack")).version;`,
    });
    await writePackage(remote.project.path("old.tgz"), packageText("1.0.0"));
    await writePackage(remote.project.path("young.tgz"), packageText("2.0.0"));
    const expected = { old: "1.0.0", young: "2.0.0", none: "ERR_MODULE_NOT_FOUND" };
    for (const [run, env] of [
      ["1", {}],
      ["2", AWAY],
    ] as const) {
      await remote.expectEnd(0, ["run"], env);
      for (const [name, value] of Object.entries(expected))
        expect(await remote.results.artifact(`Demo/${run}/end/0`, name), `${name} of ${run}`).toBe(value);
    }
    expect(remote.submissions).toEqual([1, 1, 1]);
  });
});

function packageText(version: string): Readonly<Record<string, string>> {
  return {
    "package.json": JSON.stringify({ name: "test-pack", version, type: "module", exports: "./index.js" }),
    "index.js": `export const version = ${JSON.stringify(version)};`,
  };
}

function failureOf(command: RunningCommand): Failure | undefined {
  const failed = command.events.find((event) => event.type === "task-failed");
  return failed?.type === "task-failed" ? failed.failure : undefined;
}

function withoutStack(failure: Failure | undefined): object {
  return JSON.parse(JSON.stringify(failure, (key, value: unknown) => (key === "stack" ? undefined : value))) as object;
}
