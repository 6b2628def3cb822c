import { expect, test } from "vitest";
import { readSourceModules, type SourceModule } from "./source-modules.js";

/** From the ground up: a folder imports only itself and folders that stand before it. */
const layers = [
  "core",
  "boot",
  "config",
  "store",
  "codec",
  "flow",
  "graph",
  "bundle",
  "packing",
  "datastore",
  "cards",
  "compute",
  "scheduler",
  "task",
  "remote",
  "runner",
  "client",
  "history",
  "testing",
  "terminal",
  "s3",
  "launcher",
  "cli",
];

/** What a folder must not know although it stands below, types included. */
const strangers: Readonly<Record<string, readonly string[]>> = {
  compute: ["flow", "graph"],
  scheduler: ["flow", "bundle"],
  task: ["scheduler", "config"],
  terminal: ["scheduler", "task", "compute"],
};

const modules = readSourceModules();
const byPath = new Map(modules.map((module) => [module.path, module]));

test("every folder of src has its place", () => {
  expect(modules.map((module) => module.folder).filter((folder) => folder !== "" && !layers.includes(folder))).toEqual([]);
});

test("a folder imports only folders below it", () => {
  expect(
    imports()
      .filter(({ from, to }) => from.folder !== "" && layers.indexOf(to.folder) > layers.indexOf(from.folder))
      .map(show),
  ).toEqual([]);
});

test("nothing imports the public entry", () => {
  expect(
    imports()
      .filter(({ to }) => to.folder === "")
      .map(show),
  ).toEqual([]);
});

test("parts that must not know each other do not", () => {
  expect(
    imports()
      .filter(({ from, to }) => strangers[from.folder]?.includes(to.folder))
      .map(show),
  ).toEqual([]);
});

test("what a flow imports brings in the language alone", () => {
  const folders = new Set(Array.from(reachable("index.ts"), (path) => path.split("/")[0]));
  for (const folder of ["graph", "bundle", "compute", "scheduler", "runner", "testing", "terminal", "cli"]) expect(folders).not.toContain(folder);
});

test.each(["task/entry.ts", "cli/commands/run.ts", "client/index.ts", "index.ts"])("%s draws no cards until one is asked for", (entry) => {
  expect(byPath.has(entry)).toBe(true);
  const atOnce = new Set([entry]);
  for (const path of atOnce) {
    for (const { target, kind, typeOnly, lazy } of byPath.get(path)?.imports ?? []) {
      if (kind === "module" && !typeOnly && !lazy) atOnce.add(target);
    }
  }
  expect([...atOnce].filter((path) => /^cards\/(?:components|page|values|graph)\//.test(path))).toEqual([]);
});

test("no module reaches itself through its imports", () => {
  const cyclic = modules.filter((module) => runTimeImports(module).some((target) => reachable(target).has(module.path)));
  expect(cyclic.map((module) => module.path)).toEqual([]);
});

function imports(): { readonly from: SourceModule; readonly to: SourceModule }[] {
  return modules.flatMap((from) =>
    from.imports
      .filter(({ kind }) => kind === "module")
      .map(({ target }) => {
        const to = byPath.get(target);
        if (to === undefined) throw new Error(`${from.path} imports ${target}, which does not exist`);
        return { from, to };
      }),
  );
}

function show({ from, to }: { readonly from: SourceModule; readonly to: SourceModule }): string {
  return `${from.path} -> ${to.path}`;
}

function runTimeImports(module: SourceModule | undefined): readonly string[] {
  return module?.imports.filter(({ kind, typeOnly }) => kind === "module" && !typeOnly).map(({ target }) => target) ?? [];
}

function reachable(start: string): ReadonlySet<string> {
  const seen = new Set([start]);
  for (const path of seen) for (const target of runTimeImports(byPath.get(path))) seen.add(target);
  return seen;
}
