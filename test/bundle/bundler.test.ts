import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { bundleFlow } from "../../src/bundle/bundler.js";
import { parsePackage, serializePackage } from "../../src/bundle/code-package.js";
import { stopBundler } from "../../src/bundle/esbuild.js";
import { materialisePackage } from "../../src/bundle/executable-bundle.js";
import { bundle, createProject, importBundle, installed, materialise, materialiseOptions, run } from "./project.js";

afterAll(stopBundler);

describe("what is bundled", () => {
  test("relative imports from any folder of the project, in TypeScript and JavaScript, ES modules and CommonJS", async () => {
    using project = createProject({
      "flows/daily/flow.ts": `
        import { text } from "../../lib/text.js";
        import cjs from "../../lib/old.cjs";
        import table from "./table.json";
        export default [text, cjs.value, table.rows, (await import("./later")).later];`,
      "flows/daily/table.json": `{ "rows": 3 }`,
      "flows/daily/later.ts": `export const later = "later" as const;`,
      "lib/text.ts": `import type { Missing } from "nowhere"; export const text: string = "text"; export type T = Missing;`,
      "lib/old.cjs": `exports.value = require("./older").value;`,
      "lib/older.js": `exports.value = "older";`,
    });
    expect(await run(project, "flows/daily/flow.ts")).toEqual(["text", "older", 3, "later"]);
    expect((await bundle(project, "flows/daily/flow.ts")).manifest).toEqual({
      format: 1,
      entry: "flows/daily/flow.ts",
      modules: ["flows/daily/flow.ts", "flows/daily/later.ts", "flows/daily/table.json", "lib/old.cjs", "lib/older.js", "lib/text.ts"],
      externals: [],
    });
  });

  test("what tsconfig paths and package imports name", async () => {
    using project = createProject({
      "package.json": JSON.stringify({ imports: { "#lib/*": "./lib/*.ts" } }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": ["./lib/*"] } } }),
      "lib/a.ts": `export default "a";`,
      "lib/b.ts": `export default "b";`,
      "flow.ts": `import a from "@/a"; import b from "#lib/b"; export default [a, b];`,
    });
    expect(await run(project)).toEqual(["a", "b"]);
    expect((await bundle(project)).manifest.externals).toEqual([]);
  });

  test("standard decorators, whatever tsconfig.json says, with its paths", async () => {
    using project = createProject({
      "config/base.json": JSON.stringify({ compilerOptions: { experimentalDecorators: true, paths: { "@/*": ["../lib/*"] } } }),
      "tsconfig.json": `{ "extends": "./config/base" } // with a comment`,
      "lib/a.ts": `export default "a";`,
      "flow.ts": `
        import { FlowSpec, step } from "millrace";
        import a from "@/a";
        export default class ScoreFlow extends FlowSpec { value = a; @step start() {} }`,
    });
    const ScoreFlow = (await run(project)) as new () => { value: string };
    expect(ScoreFlow.name).toBe("ScoreFlow");
    expect(new ScoreFlow().value).toBe("a");
  });

  test("packages of the workspace, which node_modules links to", async () => {
    using project = createProject({
      "flows/package.json": JSON.stringify({ name: "flows", dependencies: { shared: "*" } }),
      "flows/flow.ts": `import { shared } from "shared"; import { half } from "shared/half"; export default [shared, half];`,
      "packages/shared/package.json": JSON.stringify({ name: "shared", exports: { ".": "./index.ts", "./half": "./half.ts" } }),
      "packages/shared/index.ts": `import { dep } from "dep"; export const shared: string = dep;`,
      "packages/shared/half.ts": `export const half: number = 0.5;`,
      ...installed(
        "dep",
        { type: "module", main: "index.js" },
        { "index.js": `export const dep = "the dependency's own dependency";` },
        "packages/shared/node_modules",
      ),
    });
    mkdirSync(project.path("node_modules"));
    symlinkSync(project.path("packages/shared"), project.path("node_modules/shared"), "dir");
    const options = { ...materialiseOptions(project), projectRoot: project.path("flows") };
    const pkg = await bundleFlow({ file: project.path("flows/flow.ts"), projectRoot: project.path("flows") });
    expect(pkg.manifest.modules).toEqual(["../packages/shared/half.ts", "../packages/shared/index.ts", "flow.ts"]);
    const exported = await importBundle(await materialisePackage(pkg, options));
    expect(exported["default"]).toEqual(["the dependency's own dependency", 0.5]);
  });

  test("files that a package ships as TypeScript or JSON, which Node could not import", async () => {
    using project = createProject({
      ...installed("typed", { type: "module", exports: "./index.ts" }, { "index.ts": `export const typed: string = "typed";` }),
      ...installed("data", {}, { "cars.json": `[1, 2]` }),
      "flow.ts": `import { typed } from "typed"; import cars from "data/cars.json"; export default [typed, cars];`,
    });
    expect(await run(project)).toEqual(["typed", [1, 2]]);
  });

  test("a module is run for its side effects, whatever package.json says of them", async () => {
    using project = createProject({
      "package.json": JSON.stringify({ sideEffects: false }),
      "setup.ts": `Object.assign(globalThis, { bundleTestSetup: "done" });`,
      "flow.ts": `import "./setup.js"; export default Reflect.get(globalThis, "bundleTestSetup");`,
    });
    expect(await run(project)).toBe("done");
  });
});

describe("packages", () => {
  const dual = installed(
    "dual",
    { exports: { ".": { import: "./index.mjs", require: "./index.cjs" } } },
    { "index.mjs": `export const kind = "import"; export default kind;`, "index.cjs": `exports.kind = "require";` },
  );

  test("stay outside, resolved by the conditions of each import", async () => {
    using project = createProject({
      ...dual,
      "old.cjs": `module.exports = [require("dual").kind, require.resolve("dual").endsWith("index.cjs"), require("fs") === require("node:fs")];`,
      "flow.ts": `
        import fs from "fs"; import { kind } from "dual"; import old from "./old.cjs";
        const require = (name: string) => name;
        export default [kind, (await import("dual")).default, ...old, typeof fs.readFileSync, require("mine")];`,
    });
    expect(await run(project)).toEqual(["import", "import", "require", true, true, "function", "mine"]);
    const { code, manifest } = await bundle(project);
    expect(manifest.externals.map(({ specifier, importer, kind }) => `${kind} ${specifier} in ${importer}`).toSorted()).toEqual([
      "dynamic-import dual in flow.ts",
      "import dual in flow.ts",
      "require dual in old.cjs",
    ]);
    expect(code).not.toContain("node_modules");
  });

  test("resolve from their importer's own folder", async () => {
    using project = createProject({
      ...installed("dep", { main: "index.js" }, { "index.js": `module.exports = "outer";` }),
      ...installed("dep", { main: "index.js" }, { "index.js": `module.exports = "inner";` }, "flows/node_modules"),
      "lib/outer.ts": `export { default } from "dep";`,
      "flows/flow.ts": `import inner from "dep"; import outer from "../lib/outer.js"; export default [inner, outer];`,
    });
    expect(await run(project, "flows/flow.ts")).toEqual(["inner", "outer"]);
  });

  test("that are linked into a store, as pnpm does, resolve to the store", async () => {
    using project = createProject({
      ...installed("dep", { main: "index.js" }, { "index.js": `module.exports = require("inner");` }, "node_modules/.pnpm/dep@1/node_modules"),
      ...installed("inner", { main: "index.js" }, { "index.js": `module.exports = "inner";` }, "node_modules/.pnpm/dep@1/node_modules"),
      "flow.ts": `export { default } from "dep";`,
    });
    symlinkSync(project.path("node_modules/.pnpm/dep@1/node_modules/dep"), project.path("node_modules/dep"), "dir");
    expect(await run(project)).toBe("inner");
    expect((await bundle(project)).manifest.modules).toEqual(["flow.ts"]);
  });

  test("millrace is the installation that runs, also when the project has another", async () => {
    using project = createProject({
      ...installed("millrace", { main: "index.js" }, { "index.js": `exports.FlowSpec = "another";` }),
      "flow.ts": `import { FlowSpec } from "millrace"; export default FlowSpec;`,
    });
    const { FlowSpec } = await importBundle(project.path("../node_modules/installation/index.mjs"));
    expect(await run(project)).toBe(FlowSpec);
  });

  test("a recorded package resolves its imports anew, from further folders too", async () => {
    using project = createProject({
      ...installed("dep", { main: "index.js" }, { "index.js": `module.exports = "dep";` }),
      "flow.ts": `export { default } from "dep";`,
    });
    const pkg = parsePackage(serializePackage(await bundle(project)));
    using elsewhere = createProject({});
    const options = materialiseOptions(elsewhere);
    await expect(materialisePackage(pkg, options)).rejects.toMatchObject({ code: "package-missing" });
    const path = await materialisePackage(pkg, { ...options, fallbackDirs: [project.root] });
    expect((await importBundle(path))["default"]).toBe("dep");
  });
});

describe("a module's own place", () => {
  test("import.meta, __dirname and __filename are those of the source", async () => {
    using project = createProject({
      "flows/flow.ts": `#!/usr/bin/env node
        import { place } from "../lib/place.js";
        import old from "../lib/old.cjs";
        const { dirname } = import.meta;
        export default [import.meta.url, import.meta.filename, dirname, place, old, import.meta.resolve("./x.ts")];`,
      "lib/place.ts": `export const place = new URL("./data.csv", import.meta.url).href;`,
      "lib/old.cjs": `exports.dirname = __dirname; exports.filename = __filename;`,
    });
    const url = (name: string): string => pathToFileURL(project.path(name)).href;
    expect(await run(project, "flows/flow.ts")).toEqual([
      url("flows/flow.ts"),
      project.path("flows/flow.ts"),
      project.path("flows"),
      url("lib/data.csv"),
      { dirname: project.path("lib"), filename: project.path("lib/old.cjs") },
      url("flows/x.ts"),
    ]);
  });

  test("the usual definition of __dirname in an ES module is left alone", async () => {
    using project = createProject({
      "flow.ts": `
        import { dirname } from "node:path"; import { fileURLToPath } from "node:url";
        const __dirname = dirname(fileURLToPath(import.meta.url));
        export default __dirname;`,
    });
    expect(await run(project)).toBe(project.root);
  });

  test("is right for a package that is taken to another machine", async () => {
    using project = createProject({ "a b/flöw#1.ts": `export default import.meta.filename;` });
    const pkg = await bundle(project, "a b/flöw#1.ts");
    using elsewhere = createProject({});
    const exported = await importBundle(await materialisePackage(pkg, materialiseOptions(elsewhere)));
    expect(exported["default"]).toBe(elsewhere.path("a b/flöw#1.ts"));
  });
});

describe("a code package", () => {
  const files = {
    ...installed("dep", { main: "index.js" }, { "index.js": "" }),
    "lib/a.ts": `import "dep"; export const a = import.meta.url; export const later = () => import("dep");`,
    "flow.ts": `import { step, FlowSpec } from "millrace"; import { a, later } from "./lib/a.js"; export default class F extends FlowSpec { a = a; l = later; @step start() {} }`,
  };

  test("names no folder of the machine, and is the same in another", async () => {
    using project = createProject(files);
    using other = createProject(files);
    cpSync(project.path("lib"), other.path("lib"), { recursive: true });
    const pkg = await bundle(project);
    const bytes = serializePackage(pkg);
    expect(Buffer.from(bytes).toString()).not.toContain(project.root);
    expect((await bundle(other)).hash).toBe(pkg.hash);
    other.write({ "lib/a.ts": `${files["lib/a.ts"]}\n// changed` });
    expect((await bundle(other)).hash).not.toBe(pkg.hash);
  });

  test("is the same whatever is installed", async () => {
    using project = createProject(files);
    using bare = createProject({ "lib/a.ts": files["lib/a.ts"], "flow.ts": files["flow.ts"] });
    expect((await bundle(bare)).hash).toBe((await bundle(project)).hash);
  });

  test("reads back as it was written", async () => {
    using project = createProject(files);
    const { resolutions, ...pkg } = await bundle(project);
    expect(resolutions?.size).toBe(2);
    expect(parsePackage(serializePackage(pkg))).toEqual(pkg);
  });

  test.each([
    ["not JSON", "{"],
    ["of another kind", `{"manifest":{"format":2},"code":"","sourceMap":{}}`],
  ])("that is %s is refused", (_, text) => {
    expect(() => parsePackage(Buffer.from(text))).toThrow(expect.objectContaining({ code: "code-package-damaged" }));
  });
});

describe("an executable copy", () => {
  test("is used again while it is intact, and mended when it is not", async () => {
    using project = createProject({ "flow.ts": `export default 1;` });
    const first = await materialise(project);
    expect(await materialise(project)).toBe(first);
    project.write({ [first.slice(project.root.length)]: "damaged" });
    expect(await materialise(project)).toBe(first);
    expect((await importBundle(first))["default"]).toBe(1);
  });

  test("is written whole when several processes want it at once", async () => {
    using project = createProject({ "flow.ts": `export default 2;` });
    const pkg = await bundle(project);
    const paths = await Promise.all(Array.from({ length: 8 }, () => materialisePackage(pkg, materialiseOptions(project))));
    expect(new Set(paths).size).toBe(1);
    expect((await importBundle(paths[0] ?? ""))["default"]).toBe(2);
  });

  test("has another path when what an import resolves to has changed", async () => {
    using project = createProject({
      ...installed("dep", { main: "one.js" }, { "one.js": `module.exports = 1;`, "two.js": `module.exports = 2;` }),
      "flow.ts": `export { default } from "dep";`,
    });
    expect(await run(project)).toBe(1);
    project.write({ "node_modules/dep/package.json": JSON.stringify({ main: "two.js" }) });
    expect(await run(project)).toBe(2);
  });

  test("cannot be written: the folder is named", async () => {
    using project = createProject({ "flow.ts": "", file: "" });
    const options = { ...materialiseOptions(project), cacheDir: project.path("file/code") };
    await expect(materialisePackage(await bundle(project), options)).rejects.toMatchObject({
      code: "code-cache-unwritable",
      message: expect.stringContaining(project.path("file/code")) as string,
    });
  });
});
