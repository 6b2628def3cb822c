import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { compileFile, compileFileSync } from "../../src/testing/compile-file.js";
import { getCacheKey, process as jestProcess } from "../../src/testing/jest.js";
import { findTypeScript, loadTypeScript } from "../../src/testing/module-hooks.js";
import { millrace } from "../../src/testing/vite.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "millrace-compile-")));
const file = (name: string, text = ""): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DECORATED = `const mark = (_: unknown, context: ClassMethodDecoratorContext) => void seen.push(String(context.name));
export const seen: string[] = [];
export class Marked {
  count = 1;

  @mark step(): void {
    this.count++;
  }
}
`;

describe("a file for a test runner", () => {
  test("is compiled with standard decorators, whatever the project's tsconfig.json says, its lines kept", async () => {
    file("tsconfig.json", '{ "compilerOptions": { "experimentalDecorators": true } }');
    const source = file("marked.ts", DECORATED);
    const { code, map } = await compileFile(DECORATED, source, "esm");
    const module: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    expect(module).toMatchObject({ seen: ["step"] });
    const line = code.split("\n").findIndex((text) => text.includes("this.count++"));
    const found = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(line, code.split("\n")[line]?.indexOf("this") ?? 0);
    expect(found).toMatchObject({ originalLine: 6, originalColumn: 4, originalSource: expect.stringContaining("marked.ts") as string });
    expect(compileFileSync(DECORATED, source, "esm")).toEqual({ code, map });
  });

  test("that cannot be compiled says where", () => {
    expect(() => compileFileSync("class {", file("broken.ts"), "esm")).toThrow(/broken\.ts:1:6/);
  });
});

describe("the Vite plugin", () => {
  const { transform } = millrace();

  test.each([
    ["score.ts", "@step start() {}"],
    ["score.mts?v=1", "class A { @retry({ times: 1 }) @step a() {} }"],
    ["score.js", "  @step\n  start() {}"],
  ])("compiles %s: %j", async (name, members) => {
    const code = members.startsWith("class") ? members : `class A { ${members} }`;
    expect((await transform(code, join(folder, name)))?.code).toMatch(/^(?![^]*@(?:step|retry))[^]*__decorateElement\(/);
  });

  test.each([
    ["rows.ts", "export const rows = [];"],
    ["mail.ts", 'export const mail = "a@b.c";'],
    ["node_modules/other/index.ts", "class A { @step a() {} }"],
    ["score.ts?raw", "class A { @step a() {} }"],
    ["style.css", "@media print {}"],
  ])("leaves %s alone: %j", async (name, code) => {
    expect(await transform(code, join(folder, name))).toBeUndefined();
  });
});

describe("Node's hooks", () => {
  test("find TypeScript by the names it is imported by", () => {
    for (const name of ["rows.ts", "only.mts", "real.js"]) file(name);
    const from = pathToFileURL(join(folder, "flow.ts")).href;
    const found = (specifier: string) => findTypeScript(specifier, from)?.split("/").at(-1);
    expect(["./rows.js", "./rows", "./only.mjs", "./only"].map(found)).toEqual(["rows.ts", "rows.ts", "only.mts", "only.mts"]);
    expect(["./rows.ts", "./real.js", "./nothing.js", "millrace", "node:fs"].map(found)).toEqual(Array.from({ length: 5 }));
    expect(findTypeScript("./rows.js", undefined)).toBeUndefined();
  });

  test("compile TypeScript of the project's alone", () => {
    const marked = pathToFileURL(file("marked.ts", DECORATED)).href;
    expect(loadTypeScript(marked)).toMatchObject({
      format: "module",
      shortCircuit: true,
      source: expect.stringContaining("sourceMappingURL=data:") as string,
    });
    expect(loadTypeScript(pathToFileURL(file("old.cts", "export = 1;")).href)).toMatchObject({ format: "commonjs" });
    for (const other of ["node:fs", pathToFileURL(join(folder, "real.js")).href, pathToFileURL(join(folder, "node_modules/a/b.ts")).href]) {
      expect(loadTypeScript(other)).toBeUndefined();
    }
  });
});

describe("Jest's transformer", () => {
  test("gives modules or scripts, as Jest asks", () => {
    expect(jestProcess("export const a = 1;", join(folder, "a.ts"), { supportsStaticESM: true }).code).toContain("export {");
    expect(jestProcess("export const a = 1;", join(folder, "a.ts")).code).toContain("module.exports");
  });

  test("tells what a cached file depends on", () => {
    const keys = [
      getCacheKey("a", "a.ts"),
      getCacheKey("b", "a.ts"),
      getCacheKey("a", "b.ts"),
      getCacheKey("a", "a.ts", { supportsStaticESM: true }),
      getCacheKey("a", "a.ts", { configString: "{}" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(getCacheKey("a", "a.ts")).toBe(keys[0]);
  });
});
