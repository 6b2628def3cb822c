import { symlinkSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { stopBundler } from "../../src/bundle/esbuild.js";
import type { MillraceError } from "../../src/core/errors/millrace-error.js";
import { createProject, installed, materialise, type TestProject } from "./project.js";

afterAll(stopBundler);

async function errorOf(project: TestProject, file = "flow.ts"): Promise<MillraceError> {
  return materialise(project, file).then(
    () => {
      throw new Error("no error came");
    },
    (error: unknown) => error as MillraceError,
  );
}

describe("code that does not read", () => {
  test("is shown with its place in every file that has some", async () => {
    using project = createProject({
      "flows/flow.ts": `import { a } from "../lib/a.js";\nconst rows: number[] = [1, 2;\nexport default a;\n`,
      "lib/a.ts": `export const a = 1;\nconst ümlaut = "ü", b = ;\n`,
    });
    const error = await errorOf(project, "flows/flow.ts");
    // What cannot be read imports nothing, so the other file is not looked at.
    expect(error).toMatchObject({
      code: "flow-syntax",
      exitCode: 2,
      position: { file: "flows/flow.ts", line: 2, column: 29 },
      hint: "Correct the line shown.",
    });
    expect(error.message).toBe(
      [
        "The code of flows/flow.ts does not read as TypeScript:",
        "",
        `flows/flow.ts:2:29: Expected "]" but found ";"`,
        `  1 | import { a } from "../lib/a.js";`,
        "> 2 | const rows: number[] = [1, 2;",
        "    |                             ^",
        "  3 | export default a;",
        "  4 |",
      ].join("\n"),
    );
    project.write({
      "flows/flow.ts": `import { a } from "../lib/a.js";\nimport b from "../lib/b.js";\nexport default [a, b];`,
      "lib/b.ts": "export default {;",
    });
    const both = await errorOf(project, "flows/flow.ts");
    expect(both.message).toContain("in 2 places");
    expect(both.message).toContain(`lib/a.ts:2:25: Unexpected ";"`);
    expect(both.message).toContain(`lib/b.ts:1:17: `);
  });

  test("says both places of a name declared twice", async () => {
    using project = createProject({ "flow.ts": `const a = 1;\nexport default a;\nconst a = 2;\n` });
    expect((await errorOf(project)).message).toContain(
      `flow.ts:3:7: The symbol "a" has already been declared\nThe symbol "a" was originally declared here: flow.ts:1`,
    );
  });
});

describe("an import of what does not exist", () => {
  test.each([
    ["./lib/scroe.js", "./lib/score.js"],
    ["./lib/scroe", "./lib/score"],
    ["./lib/scroe.ts", "./lib/score.ts"],
    ["./lib/tabel.json", "./lib/table.json"],
    ["./lib/deepr", "./lib/deeper"],
    ["./libs/score.js", "./lib/score.js"],
    ["./lib/other.js", "./lib/other.mts"],
  ])("%s has a file near to it", async (specifier, near) => {
    using project = createProject({
      "lib/score.ts": "",
      "lib/other.mts": "",
      "lib/table.json": "{}",
      "lib/deeper/index.ts": "",
      "flow.ts": `export {};\nimport it from "${specifier}"; export default it;`,
    });
    const error = await errorOf(project);
    expect(error).toMatchObject({ code: "import-missing", position: { file: "flow.ts", line: 2, column: 16 } });
    expect(error.message).toContain(`There is no file “${specifier}”. Did you mean “${near}”?`);
    expect(error.message).toContain(`> 2 | import it from "${specifier}"`);
  });

  test("a folder without an index file", async () => {
    using project = createProject({ "lib/a.ts": "", "flow.ts": `import "./lib";` });
    expect((await errorOf(project)).message).toContain("flow.ts:1:8: “./lib” is a folder without an index file.");
  });

  test("a name that the project's file does not export", async () => {
    using project = createProject({
      "lib/a.ts": `export const there = 1;`,
      "flow.ts": `import { nothere } from "./lib/a.js";\nexport default nothere;`,
    });
    const error = await errorOf(project);
    expect(error.code).toBe("import-missing");
    expect(error.message).toContain(`flow.ts:1:10: No matching export in "lib/a.ts" for import "nothere"`);
  });

  test("types may be imported and exported without saying so", async () => {
    using project = createProject({
      "lib/types.ts": `export interface Row { id: number }`,
      "flow.ts": `import { Row } from "./lib/types.js"; export { Row } from "./lib/types.js"; export default (row: Row) => row;`,
    });
    await expect(materialise(project)).resolves.toContain("flow.mjs");
  });

  test("an alias that neither tsconfig.json nor package.json knows", async () => {
    using project = createProject({
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": ["./lib/*"] } } }),
      "flow.ts": `import a from "@/a";\nimport b from "#b";\nexport default [a, b];`,
    });
    const error = await errorOf(project);
    expect(error).toMatchObject({ code: "import-missing", position: { file: "flow.ts", line: 1, column: 15 } });
    expect(error.message).toContain("“@/a”");
    expect(error.message).toContain("flow.ts:2:15: Nothing answers to “#b”");
  });

  test("a file that is no code", async () => {
    using project = createProject({
      "data.csv": "",
      "style.css": "",
      "flow.ts": `import rows from "./data.csv";\nimport "./style.css";\nexport default rows;`,
    });
    const error = await errorOf(project);
    expect(error.code).toBe("import-unsupported");
    expect(error.message).toContain("flow.ts:1:18: data.csv cannot be imported.");
    expect(error.message).toContain("flow.ts:2:8: style.css cannot be imported.");
    expect(error.hint).toContain("import.meta.url");
  });
});

describe("a package that does not resolve", () => {
  test("is named with the line that imports it and the way to install it; all of them at once", async () => {
    using project = createProject({
      "lib/a.ts": `import "csv-parse/sync";\nexport const a = import.meta.url;`,
      "flows/flow.ts": `import { a } from "../lib/a.js";\nimport * as cheerio from "cheerio";\nimport { core } from "@scope/core/part";\nexport default [a, cheerio, core];`,
    });
    const error = await errorOf(project, "flows/flow.ts");
    expect(error).toMatchObject({
      code: "package-missing",
      exitCode: 2,
      hint: "Run npm install @scope/core cheerio csv-parse",
      position: { file: "flows/flow.ts", line: 2, column: 26 },
    });
    expect(error.message).toBe(
      [
        "The packages @scope/core, cheerio, csv-parse are not installed:",
        "",
        "flows/flow.ts:2:26: There is no package cheerio.",
        `  1 | import { a } from "../lib/a.js";`,
        `> 2 | import * as cheerio from "cheerio";`,
        "    |                          ^",
        `  3 | import { core } from "@scope/core/part";`,
        "  4 | export default [a, cheerio, core];",
        "",
        "flows/flow.ts:3:22: There is no package @scope/core (imported as “@scope/core/part”).",
        `  1 | import { a } from "../lib/a.js";`,
        `  2 | import * as cheerio from "cheerio";`,
        `> 3 | import { core } from "@scope/core/part";`,
        "    |                      ^",
        "  4 | export default [a, cheerio, core];",
        "",
        "lib/a.ts:1:8: There is no package csv-parse (imported as “csv-parse/sync”).",
        `> 1 | import "csv-parse/sync";`,
        "    |        ^",
        "  2 | export const a = import.meta.url;",
      ].join("\n"),
    );
  });

  test("is installed, but lacks the path", async () => {
    using project = createProject({
      ...installed("dep", { exports: "./index.js" }, { "index.js": "" }),
      "flow.ts": `import part from "dep/part"; export default part;`,
    });
    const error = await errorOf(project);
    expect(error.code).toBe("package-path-missing");
    expect(error.message).toContain("flow.ts:1:18: The package dep is installed, but has no “dep/part”.");
  });

  test("is a path that millrace does not have", async () => {
    using project = createProject({ "flow.ts": `import part from "millrace/part"; export default part;` });
    const error = await errorOf(project);
    expect(error.code).toBe("package-path-missing");
    expect(error.message).toContain("flow.ts:1:18: millrace has no “millrace/part”.");
  });

  test("does not matter where import() or require() asks for it, until it runs", async () => {
    using project = createProject({
      "old.cjs": `try { exports.optional = require("optional-one"); } catch { exports.optional = "without"; }`,
      "flow.ts": `import old from "./old.cjs"; export default () => import("optional-two").catch(() => old.optional);`,
    });
    await expect(materialise(project)).resolves.toContain("flow.mjs");
  });

  test("does not matter where the import is of types only", async () => {
    using project = createProject({
      "flow.ts": `import type { A } from "types-only"; import { B } from "types-too"; export default (a: A, b: B) => [a, b];`,
    });
    await expect(materialise(project)).resolves.toContain("flow.mjs");
  });

  test("is missed by a package that is linked into the project", async () => {
    using project = createProject({
      "linked/package.json": JSON.stringify({ name: "linked", main: "index.js", type: "module" }),
      "linked/index.js": `import "unknown";\n`,
      "project/package.json": "{}",
      "project/node_modules/.keep": "",
      "project/flow.ts": `import "linked";`,
    });
    symlinkSync(project.path("linked"), project.path("project/node_modules/linked"), "dir");
    expect((await errorOf(project, "project/flow.ts")).message).toContain("linked/index.js:1:8: There is no package unknown.");
  });
});
