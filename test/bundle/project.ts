import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleFlow } from "../../src/bundle/bundler.js";
import type { CodePackage } from "../../src/bundle/code-package.js";
import { materialisePackage, type MaterialiseOptions } from "../../src/bundle/executable-bundle.js";

/** A project in a folder of its own, for one test. */
export interface TestProject extends Disposable {
  readonly root: string;
  path(name: string): string;
  write(files: Readonly<Record<string, string>>): void;
}

/** What stands for an installed millrace: just enough for a flow to extend and decorate. */
const framework = `
export class FlowSpec { next() {} }
export function step(method, context) { if (context?.kind !== "method") throw new Error("not a standard decorator"); }
`;

export function createProject(files: Readonly<Record<string, string>>): TestProject {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "millrace-bundle-")));
  const root = join(base, "project");
  const write = (contents: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(contents)) {
      const file = join(root, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  };
  write({ "package.json": "{}", "../node_modules/installation/index.mjs": framework, ...files });
  return {
    root,
    path: (name) => join(root, name),
    write,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

export function bundle(project: TestProject, file = "flow.ts"): Promise<CodePackage> {
  return bundleFlow({ file: project.path(file), projectRoot: project.root });
}

export function materialiseOptions(project: TestProject): MaterialiseOptions {
  return {
    // Below node_modules, where the test runner leaves imports to Node.
    cacheDir: project.path("node_modules/.cache/millrace"),
    projectRoot: project.root,
    resolveMillrace: (specifier) =>
      specifier === "millrace" ? pathToFileURL(project.path("../node_modules/installation/index.mjs")).href : undefined,
  };
}

export async function materialise(project: TestProject, file = "flow.ts"): Promise<string> {
  return materialisePackage(await bundle(project, file), materialiseOptions(project));
}

/** What a bundle exports. */
export async function importBundle(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
}

/** Bundles a flow, imports it, and returns its default export. */
export async function run(project: TestProject, file = "flow.ts"): Promise<unknown> {
  return (await importBundle(await materialise(project, file)))["default"];
}

/** A package as npm would install it. */
export function installed(name: string, manifest: object, files: Readonly<Record<string, string>>, folder = "node_modules"): Record<string, string> {
  const entries = Object.entries(files).map(([file, text]) => [`${folder}/${name}/${file}`, text]);
  return { [`${folder}/${name}/package.json`]: JSON.stringify({ name, ...manifest }), ...Object.fromEntries(entries) };
}
