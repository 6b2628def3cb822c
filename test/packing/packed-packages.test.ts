import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RemoteProject } from "../compute/remote/remote-project.js";
import { flowText } from "../rig/flow-text.js";
import type { Project } from "../rig/project.js";
import { writePackage } from "./npm-package.js";

const lockfile = (version: string): string => JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/own-files": { version } } });

/** Larger than what is read to know it again. */
const large = (letter: string): string => letter.repeat(300_000);

/** A project whose flow imports a package that has to travel as files. */
function project(): Promise<RemoteProject> {
  return RemoteProject.create({
    "flow.ts": flowText({
      imports: "batch, local",
      fields: "found!: string;",
      head: `import own from "own-files";`,
      steps: `
  @step @local start() { this.next(this.away); }
  @step @batch away() { this.found = own(); this.next(this.end); }
  @step @local end() {}`,
    }),
    "package-lock.json": lockfile("1.0.0"),
    "node_modules/own-files/package.json": JSON.stringify({ name: "own-files", version: "1.0.0", main: "index.js" }),
    "node_modules/own-files/index.js": `module.exports = () => require("node:fs").readFileSync(__dirname + "/data.txt", "utf8")[0];`,
    "node_modules/own-files/data.txt": large("a"),
  });
}

/** Which packages a run's jobs got: the key of their archive. */
async function sentBy({ project: of }: RemoteProject, run: string): Promise<string> {
  const [text = ""] = (await of.read(`.millrace/flows/Demo/${run}/run.json`)).split("\n");
  const { code } = JSON.parse(text) as { readonly code: { readonly remote: { readonly archives: readonly { readonly key: string }[] } } };
  const [, , packages] = code.remote.archives;
  if (packages === undefined) throw new Error("no packages were sent");
  return packages.key;
}

const notes = (of: Project): readonly string[] => {
  const folder = of.path(".millrace/packages");
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith(".json"))
    : [];
};

test("packages are packed once for a lockfile and what is installed by it", async () => {
  await using remote = await project();
  await remote.expectEnd(0, ["run"]);
  expect(await remote.results.artifact("Demo/1/end/0", "found")).toBe("a");
  const [note = "", ...others] = notes(remote.project);
  expect(others).toEqual([]);
  expect(note).toMatch(/^linux-x64[/\\][0-9a-f]{64}\.json$/);

  // Nobody looks into large files again: that shows that nothing was packed.
  await remote.project.write({ "node_modules/own-files/data.txt": large("b") });
  await remote.expectEnd(0, ["run"]);
  expect(await sentBy(remote, "2")).toBe(await sentBy(remote, "1"));
  expect(notes(remote.project)).toEqual([note]);

  // Another lockfile: packed anew, from what is there now.
  await remote.project.write({ "package-lock.json": `${lockfile("1.0.0")}\n` });
  await remote.expectEnd(0, ["run"]);
  expect(await remote.results.artifact("Demo/3/end/0", "found")).toBe("b");
  expect(notes(remote.project)).toHaveLength(2);

  // A small file that was patched, without the lockfile's knowledge.
  await remote.project.write({ "node_modules/own-files/index.js": `module.exports = () => "patch" + __dirname.length * 0;` });
  await remote.expectEnd(0, ["run"]);
  expect(await remote.results.artifact("Demo/4/end/0", "found")).toBe("patch0");
});

test("packages whose archive is gone, damaged, or old are sent, or made young, and a clean-up drops what leads to none", async () => {
  await using remote = await project();
  await remote.expectEnd(0, ["run"]);
  const archive = remote.project.path(".millrace", await sentBy(remote, "1"));

  const longAgo = new Date(Date.now() - 24 * 60 * 60 * 1000);
  utimesSync(archive, longAgo, longAgo);
  await remote.expectEnd(0, ["run"]);
  expect(statSync(archive).mtimeMs).toBeGreaterThan(longAgo.getTime() + 1000);

  await writeFile(archive, "damaged");
  await remote.expectEnd(0, ["run"]);
  rmSync(archive);
  await remote.expectEnd(0, ["run"]);
  const [note = ""] = notes(remote.project);
  await remote.project.write({ [`.millrace/packages/${note}`]: "damaged" });
  await remote.expectEnd(0, ["run"]);
  expect(await remote.results.artifact("Demo/5/end/0", "found")).toBe("a");

  // All of it is old, and no run is left that needs it.
  const age = (path: string): void => utimesSync(path, longAgo, longAgo);
  age(archive);
  age(remote.project.path(".millrace/packages", note));
  await remote.project.expectMillrace(0, ["gc"]);
  expect(notes(remote.project)).toEqual([note]);
  await remote.project.expectMillrace(0, ["gc", "--keep", "0"]);
  expect(existsSync(archive)).toBe(false);
  expect(notes(remote.project)).toEqual([]);
});

test("without a lockfile nothing vouches for what is installed: packages are packed each time", async () => {
  await using remote = await project();
  rmSync(remote.project.path("package-lock.json"));
  await remote.expectEnd(0, ["run"]);
  await remote.project.write({ "node_modules/own-files/data.txt": large("b") });
  await remote.expectEnd(0, ["run"]);
  expect(await remote.results.artifact("Demo/2/end/0", "found")).toBe("b");
  expect(notes(remote.project)).toEqual([]);
});

test("what is installed in other versions than the lockfile's travels, and is told", async () => {
  await using remote = await project();
  await remote.project.write({ "package-lock.json": lockfile("1.1.0") });
  const { command } = await remote.expectEnd(0, ["run"]);
  expect(command.events).toContainEqual(
    expect.objectContaining({ code: "packages-not-locked", text: expect.stringContaining("own-files 1.0.0 instead of 1.1.0") }),
  );
  const { stdout } = await remote.project.expectMillrace(0, ["package", "flow.ts"]);
  expect(stdout).toContain("own-files 1.0.0: package-lock.json says 1.1.0");
});

test("packages of @npm are looked up by the lockfile that npm wrote for them", async () => {
  await using remote = await RemoteProject.create({
    "flow.ts": flowText({
      imports: "npm, local",
      fields: "found!: string;",
      steps: `
  @step @npm({ packages: { "test-pack": "file:./pack.tgz" } }) async start() {
    // @ts-ignore: it is there for this step
    this.found = (await import("test-pack")).found;
    this.next(this.end);
  }
  @step @local end() {}`,
    }),
  });
  await writePackage(remote.project.path("pack.tgz"), {
    "package.json": JSON.stringify({ name: "test-pack", version: "1.0.0", type: "module", exports: "./index.js" }),
    "index.js": `export const found = "packed";`,
  });
  const away = { MILLRACE_WITH: "batch" };
  for (const run of ["1", "2"]) {
    await remote.expectEnd(0, ["run"], away);
    expect(await remote.results.artifact(`Demo/${run}/end/0`, "found")).toBe("packed");
    expect(notes(remote.project)).toHaveLength(1);
  }
});
