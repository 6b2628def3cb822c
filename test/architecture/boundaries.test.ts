import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSourceModules, root } from "./source-modules.js";

const modules = readSourceModules();
type Versions = Readonly<Record<string, string>>;
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly dependencies: Versions;
  readonly peerDependencies: Versions;
};

/** Modules that touch the environment other than to read settings, each with its reason. */
const environmentExceptions: Readonly<Record<string, string>> = {
  "boot/boot.ts": "starts a job where nothing else of millrace is yet",
  "task/step-environment.ts": "sets the variables of @environment and @secrets for a step, and puts back what was there",
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

test("only what package.json names is imported, and all dependencies are", () => {
  const optional = Object.keys(manifest.peerDependencies);
  const packages = new Set(packageImports().map(({ name }) => name));
  expect([...packages].filter((name) => !optional.includes(name)).toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
});

test("vendors' packages are loaded where they are used, and when they are: nowhere else, and never at the start of a module", () => {
  const folders: Readonly<Record<string, readonly string[]>> = {
    "@aws-sdk/client-s3": ["store/s3/", "s3/"],
    "@aws-sdk/client-secrets-manager": ["task/secrets/"],
    "@aws-sdk/client-batch": ["compute/batch/"],
    "@aws-sdk/client-cloudwatch-logs": ["compute/batch/"],
  };
  const misplaced = packageImports()
    .filter(({ name }) => name in manifest.peerDependencies && name in folders)
    .filter(({ name, path, atOnce }) => atOnce || folders[name]?.every((folder) => !path.startsWith(folder)));
  expect(misplaced).toEqual([]);
});

test("built-in modules are imported with the node: prefix", () => {
  const targets = modules.flatMap((module) => module.imports.map(({ target }) => target));
  expect(targets.filter((target) => isBuiltin(target) && !target.startsWith("node:"))).toEqual([]);
});

function expectOnly(pattern: RegExp, folders: readonly string[], exceptions: Readonly<Record<string, string>>): void {
  const matching = modules.filter(({ code, folder }) => pattern.test(code) && !folders.includes(folder)).map(({ path }) => path);
  expect(matching).toEqual(Object.keys(exceptions).toSorted());
}

function packageImports(): { readonly path: string; readonly name: string; readonly atOnce: boolean }[] {
  return modules.flatMap(({ path, imports }) =>
    imports
      .filter(({ kind, target }) => kind === "package" && !isBuiltin(target))
      .map(({ target, typeOnly, lazy }) => ({ path, name: packageName(target), atOnce: !typeOnly && !lazy })),
  );
}

function packageName(specifier: string): string {
  return isBuiltin(specifier)
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
}
