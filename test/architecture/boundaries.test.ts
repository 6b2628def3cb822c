import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSourceModules, root } from "./source-modules.js";

const modules = readSourceModules();
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly dependencies: Readonly<Record<string, string>> };

/** Modules that touch the environment other than to read settings, each with its reason. */
const environmentExceptions: Readonly<Record<string, string>> = {
  "boot/boot.ts": "starts a job where nothing else of millrace is yet",
  "task/step-environment.ts": "sets the variables of @environment for a step, and puts back what was there",
};

/** Modules outside `terminal` and `cli` that write to a standard stream, each with its reason. */
const printingExceptions: Readonly<Record<string, string>> = {
  "remote/entry.ts": "what a task prints is what its job prints",
};

test("only config reads the environment", () => {
  expectOnly(/\bprocess\.env\b|\{[^}]*\benv\b[^}]*\}\s*from\s*"node:process"/, ["config"], environmentExceptions);
});

test("only terminal and cli print", () => {
  expectOnly(/\bconsole\.\w+\(|\bprocess\.(?:stdout|stderr)\.write\b/, ["terminal", "cli"], printingExceptions);
});

test("only what package.json names is imported, and all of it is", () => {
  const imported = modules.flatMap((module) => module.imports.filter(({ kind }) => kind === "package").map(({ target }) => packageName(target)));
  const packages = new Set(imported.filter((name) => !isBuiltin(name)));
  expect([...packages].toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
});

test("built-in modules are imported with the node: prefix", () => {
  const targets = modules.flatMap((module) => module.imports.map(({ target }) => target));
  expect(targets.filter((target) => isBuiltin(target) && !target.startsWith("node:"))).toEqual([]);
});

function expectOnly(pattern: RegExp, folders: readonly string[], exceptions: Readonly<Record<string, string>>): void {
  const matching = modules.filter(({ code, folder }) => pattern.test(code) && !folders.includes(folder)).map(({ path }) => path);
  expect(matching).toEqual(Object.keys(exceptions).toSorted());
}

function packageName(specifier: string): string {
  return isBuiltin(specifier)
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
}
