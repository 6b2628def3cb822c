import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TemporaryFolder } from "../config/temporary-folder.js";
import { REPOSITORY } from "../rig/command.js";
import { Project } from "../rig/project.js";
import { call } from "./fake-host.js";

const FILES = [".gitignore", "README.md", "flow.ts", "package.json", "tsconfig.json"];

describe("init", () => {
  test("makes a project in a new folder, and says what to do next", async () => {
    using folder = new TemporaryFolder();
    const { code, stdout } = await call(["init", "My Project"], folder.path);
    expect(code).toBe(0);
    expect(readdirSync(join(folder.path, "My Project")).toSorted()).toEqual(FILES);
    const manifest: unknown = JSON.parse(readFileSync(join(folder.path, "My Project/package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "my-project", type: "module", dependencies: { millrace: `file:${REPOSITORY.replace(/\/$/, "")}` } });
    expect(stdout).toContain("    cd 'My Project'\n    npm install\n    npx millrace run flow.ts\n");
  });

  test("the project runs and checks at once", async () => {
    await using project = await Project.create({}, { manifest: null, packages: ["@types"] });
    await project.expectMillrace(0, ["init"]);
    const { stdout } = await project.expectMillrace(0, ["run", "flow.ts", "--days", "3"]);
    expect(stdout).toContain("The warmest city is Quito.");
    await project.expectMillrace(0, ["check", "flow.ts"]);
  });

  test("overwrites nothing", async () => {
    using folder = new TemporaryFolder({ "flow.ts": "mine" });
    const { code, stderr } = await call(["init"], folder.path);
    expect(code).toBe(2);
    expect(stderr).toContain("this folder has flow.ts already; nothing was written.");
    expect(readdirSync(folder.path)).toEqual(["flow.ts"]);
    expect(readFileSync(join(folder.path, "flow.ts"), "utf8")).toBe("mine");
  });

  test("works in a folder that has other files", async () => {
    using folder = new TemporaryFolder({ "notes.txt": "" });
    expect((await call(["init", "."], folder.path)).code).toBe(0);
    expect(readdirSync(folder.path).toSorted()).toEqual([...FILES, "notes.txt"].toSorted());
  });

  test("says so when it cannot write", async () => {
    using folder = new TemporaryFolder({ file: "" });
    const { code, stderr } = await call(["init", "file/project"], folder.path);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot-write");
  });
});

interface Finding {
  readonly level: string;
  readonly what: string;
  readonly found: string;
  readonly advice?: string;
}

async function findings(
  folder: string,
  environment: Record<string, string> = {},
  ...options: readonly string[]
): Promise<{ code: number; of(what: string): Finding[] }> {
  const { code, stdout } = await call(["doctor", "--json", ...options], folder, environment);
  const all: unknown = JSON.parse(stdout);
  return { code, of: (what) => (all as readonly Finding[]).filter((finding) => finding.what === what) };
}

describe("doctor", () => {
  test("finds all well in a project", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}" });
    const { code, stdout } = await call(["doctor"], folder.path);
    expect(code).toBe(0);
    expect(stdout).toContain("All is well.");
    for (const what of ["Node", "esbuild", "project", "datastore", "tsconfig", "TypeScript", "terminal"])
      expect(stdout).toMatch(new RegExp(`^ok +${what} `, "m"));
    expect(readdirSync(folder.path)).toEqual(["package.json"]);
  });

  test("warns of a folder that is no project, and of old decorators", async () => {
    using folder = new TemporaryFolder({ "tsconfig.json": '{ // comment\n "compilerOptions": { "experimentalDecorators": true } }' });
    const { code, of } = await findings(folder.path);
    expect(code).toBe(0);
    expect(of("project")).toMatchObject([{ level: "warn" }]);
    expect(of("tsconfig")).toMatchObject([{ level: "warn", found: "tsconfig.json sets experimentalDecorators" }]);
    expect((await call(["doctor"], folder.path)).stdout).toContain("Ready, with 2 warnings.");
  });

  test("takes no comment for a setting", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}", "tsconfig.json": '{ /* "experimentalDecorators": true */ "extends": "http://x" }' });
    expect((await findings(folder.path)).of("tsconfig")).toMatchObject([{ level: "ok" }]);
  });

  test("tells a bad configuration with its place, and looks at the rest", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}", "millrace.config.json": '{\n "maxWorkers": ,\n}' });
    const { code, of } = await findings(folder.path);
    expect(code).toBe(1);
    expect(of("settings")).toMatchObject([{ level: "fail", found: expect.stringContaining("(line 2, column 16)") as unknown }]);
    expect(of("terminal")).toHaveLength(1);
  });

  test("warns of variables that look like settings", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}" });
    expect((await findings(folder.path, { MILLRACE_MAX_WORKER: "3" })).of("settings")).toMatchObject([{ level: "ok" }, { level: "warn" }]);
  });

  test("warns of an old TypeScript", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}", "node_modules/typescript/package.json": '{ "version": "5.2.1" }' });
    expect((await findings(folder.path)).of("TypeScript")).toMatchObject([{ level: "warn", found: "5.2.1" }]);
  });

  test("finds a datastore that is no folder", async () => {
    using folder = new TemporaryFolder({ "package.json": "{}", kept: "" });
    for (const datastore of ["kept", "kept/below"]) {
      const { code, of } = await findings(folder.path, {}, "--datastore", datastore);
      expect(code).toBe(1);
      expect(of("datastore")).toMatchObject([{ level: "fail", found: `${join(folder.path, "kept")} is a file, not a folder` }]);
    }
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish", "powershell"])("has a script for %s", async (shell) => {
    await using project = await Project.create({});
    const { stdout } = await project.expectMillrace(0, ["completion", shell]);
    expect(stdout).toMatch(/millrace complete/);
  });

  test("answers with commands, options, values, flows and runs", async () => {
    await using project = await Project.create({
      "flow.ts":
        'import { FlowSpec, step } from "millrace";\nexport default class Tiny extends FlowSpec {\n  @step start() { this.next(this.end); }\n  @step end() {}\n}\n',
      "other.ts": "export const x = 1;\n",
      "flows/deep.ts": 'import { FlowSpec } from "millrace";\n',
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--quiet"]);
    const answers = async (...words: readonly string[]): Promise<string[]> => {
      const { stdout } = await project.expectMillrace(0, ["complete", "--", ...words]);
      return stdout
        .split("\n")
        .slice(0, -2)
        .map((line) => line.split("\t")[0] ?? "");
    };
    expect(await answers("sta")).toEqual(["status"]);
    expect(await answers("")).toContain("resume");
    expect(await answers("run", "--max-n")).toEqual(["--max-num-splits"]);
    expect(await answers("show", "flow.ts", "--format", "")).toEqual(["text", "mermaid", "dot", "json"]);
    expect(await answers("run", "fl")).toEqual(["flow.ts", "flows/"]);
    expect(await answers("check", "flows/")).toEqual(["flows/deep.ts"]);
    expect(await answers("status", "")).toEqual(["Tiny/latest", "Tiny/1"]);
    expect(await answers("runs", "")).toEqual(["Tiny"]);
    expect(await answers("completion", "z")).toEqual(["zsh"]);
    writeFileSync(project.path("millrace.config.json"), "{");
    expect(await answers("status", "")).toEqual([]);
  });
});
