import { spawnSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project, type Files } from "../rig/project.js";
import { writePackage } from "../packing/npm-package.js";

interface PackageJson {
  readonly flow: string;
  readonly bytes: number;
  readonly archives: readonly { readonly name: string; readonly steps?: readonly string[]; readonly files: readonly { readonly path: string }[] }[];
  readonly modules: readonly string[];
  readonly bundled: readonly string[];
  readonly unbundled: Readonly<Record<string, string>>;
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

async function packageOf(project: Project, args: readonly string[] = [], options: { readonly cwd?: string } = {}): Promise<PackageJson> {
  const { stdout } = await project.expectMillrace(0, ["package", "flow.ts", "--json", ...args], options);
  return JSON.parse(stdout) as PackageJson;
}

function filesOf({ archives }: PackageJson, name: string): readonly string[] {
  return archives.filter((archive) => archive.name === name).flatMap(({ files }) => files.map(({ path }) => path));
}

const plain = "@step start() { this.next(this.end); } @step end() {}";

/** A package in node_modules, as somebody has installed it. */
function installed(name: string, code: string, manifest: object = {}): Files {
  return {
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js", ...manifest }),
    [`node_modules/${name}/index.js`]: code,
    [`node_modules/${name}/index.d.ts`]: "export {};",
  };
}

describe("package", () => {
  test("tells code, files by suffix and what is left out; hidden and installed files never travel", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ head: `import { two } from "./lib/two.ts"; void two;`, steps: plain }),
      "lib/two.ts": "export const two = 2;",
      "lib/unused.ts": "export const unused = 0;",
      "data/a.csv": "a",
      "data/.b.csv": "b",
      ".env.csv": "SECRET=1",
      ".git/c.csv": "c",
      "node_modules/pack/d.csv": "d",
    });
    await symlink("/etc/hosts", project.path("data/out.csv"));
    await symlink("a.csv", project.path("data/same.csv"));
    const made = await packageOf(project, ["--package-suffixes", ".csv"]);
    expect(made.modules).toEqual(["flow.ts", "lib/two.ts"]);
    expect(filesOf(made, "flow")).toEqual([".flow/flow.mjs", ".flow/flow.mjs.map", "data/a.csv", "data/same.csv"]);
    expect(made.leftOut).toEqual([
      { path: ".env.csv", why: "hidden files never travel" },
      { path: "data/.b.csv", why: "hidden files never travel" },
      { path: "data/out.csv", why: "it is a link to /etc/hosts, outside the project" },
    ]);
    await project.write({ "millrace.config.json": JSON.stringify({ packageSuffixes: [".csv"] }) });
    expect(await packageOf(project)).toEqual(made);
  });

  test("bundles packages that allow it, and takes others along as files, with what they share", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        head: `import plain from "plain"; import own from "own-files"; import named from "named"; void [plain, own, named];`,
        steps: plain,
      }),
      ...installed("plain", "module.exports = require('shared');", { dependencies: { shared: "1" } }),
      ...installed("own-files", "module.exports = [__dirname, require('shared')];", { dependencies: { shared: "1", deep: "1", absent: "1" } }),
      ...installed("shared", "module.exports = {};"),
      ...installed("deep", "module.exports = require.resolve('./index.js');"),
      ...installed("named", "module.exports = 1;", { scripts: { postinstall: "node build.js" } }),
      ...installed("configured", "module.exports = 1;"),
      "node_modules/own-files/node_modules/deep/package.json": JSON.stringify({ name: "deep", version: "2.0.0" }),
      "millrace.config.json": JSON.stringify({ external: ["configured"] }),
    });
    const made = await packageOf(project);
    expect(made.bundled).toEqual(["plain"]);
    expect(made.unbundled).toEqual({
      configured: "the configuration says so",
      named: "it does something when it is installed",
      "own-files": "it reads files of its own folder",
    });
    expect(filesOf(made, "dependencies").filter((path) => path.endsWith("package.json"))).toEqual([
      "node_modules/configured/package.json",
      "node_modules/named/package.json",
      "node_modules/own-files/package.json",
      "node_modules/deep/package.json",
      "node_modules/shared/package.json",
    ]);
    expect(filesOf(made, "dependencies").some((path) => path.endsWith(".d.ts"))).toBe(false);
    const { all } = await project.expectMillrace(0, ["package", "flow.ts"]);
    expect(all).toContain("own-files: it reads files of its own folder");
    expect(all).toContain("with plain");
  });

  test("writes all of it to one file, the same each time", async () => {
    await using project = await Project.create({ "flow.ts": flowText({ steps: plain }), "a.txt": "text" });
    for (const name of ["one.tar.gz", "two.tar.gz"]) {
      await project.expectMillrace(0, ["package", "flow.ts", "--output", name, "--package-suffixes", "a.txt"]);
    }
    const list = spawnSync("tar", ["-tzf", "one.tar.gz"], { cwd: project.root, encoding: "utf8" }).stdout.split("\n");
    expect(list).toEqual(
      expect.arrayContaining(["a.txt", ".flow/flow.mjs", "node_modules/millrace/package.json", "node_modules/millrace/dist/remote/entry.js"]),
    );
    expect(await project.read("one.tar.gz")).toBe(await project.read("two.tar.gz"));
    const { all } = await project.expectMillrace(1, ["package", "flow.ts", "--output", "nowhere/x.tar.gz"]);
    expect(all).toContain("package-unwritable");
  });

  test("has the packages of @npm apart, for their steps alone", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "npm",
        steps: `@step @npm({ packages: { extra: "file:extra.tgz" } }) start() { this.next(this.end); } @step end() {}`,
      }),
    });
    await writePackage(project.path("extra.tgz"), { "package.json": JSON.stringify({ name: "extra", version: "1.0.0" }), "index.js": "" });
    const made = await packageOf(project);
    expect(made.archives.map(({ name, steps }) => [name, steps])).toEqual([
      ["runtime", undefined],
      ["flow", undefined],
      ["packages", ["start"]],
    ]);
    expect(filesOf(made, "packages").map((path) => path.replace(/^\.npm\/\w+\//, ""))).toEqual([
      "node_modules/extra/index.js",
      "node_modules/extra/package.json",
    ]);
  });

  test("takes along what a flow imports of its workspace, at the same places", async () => {
    await using project = await Project.create(
      {
        "packages/flows/package.json": JSON.stringify({ name: "flows", type: "module", dependencies: { lib: "*" } }),
        "packages/flows/flow.ts": `import { FlowSpec, step } from "millrace"; import { readWords } from "lib";
export default class Words extends FlowSpec { words = readWords(); ${plain} }`,
        "packages/lib/package.json": JSON.stringify({ name: "lib", type: "module", exports: "./src/index.ts" }),
        "packages/lib/src/index.ts": `import { readFileSync } from "node:fs"; export const readWords = () => readFileSync(new URL("./words.txt", import.meta.url), "utf8");`,
        "packages/lib/src/words.txt": "words",
        "packages/other/secret.txt": "of a package that the flow does not import",
      },
      { manifest: { private: true, workspaces: ["packages/*"] } },
    );
    await symlink("../packages/lib", project.path("node_modules/lib"));
    const made = await packageOf(project, ["--package-suffixes", ".txt"], { cwd: project.path("packages/flows") });
    expect(made.modules).toEqual(["../lib/src/index.ts", "flow.ts"]);
    expect(filesOf(made, "flow")).toEqual([".flow/flow.mjs", ".flow/flow.mjs.map", "lib/src/words.txt"]);
  });

  test("names npm's reason when packages cannot be installed, and what to do", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "npm",
        steps: `@step @npm({ packages: { extra: "1.0.0" } }) start() { this.next(this.end); } @step end() {}`,
      }),
      ".npmrc": "registry=http://127.0.0.1:9/\nfetch-retries=0\n",
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toMatch(/npm could not install extra@1\.0\.0, for @npm of the step start: +npm-failed/);
    expect(all).toContain("ECONNREFUSED");
    expect(all).toContain("Is this machine offline?");
    const { all: lost } = await project.expectMillrace(1, ["run", "flow.ts"], { env: { PATH: "/nowhere" } });
    expect(lost).toContain("there is no npm here to install it");
  });

  test("warns of an import at the top that @npm cannot change", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "npm",
        head: `import plain from "plain"; void plain;`,
        steps: `@step @npm({ packages: { plain: "file:plain.tgz" } }) start() { this.next(this.end); } @step end() {}`,
      }),
      ...installed("plain", "module.exports = 1;"),
    });
    await writePackage(project.path("plain.tgz"), { "package.json": JSON.stringify({ name: "plain", version: "2.0.0" }), "index.js": "" });
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(all).toMatch(/flow\.ts imports plain at its top: that is the project's version, in every step\./);
  });
});
