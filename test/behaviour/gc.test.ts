import { utimes, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** Stores a value that is a blob, fans out over items that are blobs, and fails where it is told to. */
const flow = flowText({
  imports: "parameter, type Inputs",
  fields: "seed = parameter({ default: 1 }); text!: string; part!: string; total!: number;",
  steps: `
  @step start() { this.text = this.blob("text"); this.next(this.body, { foreach: [0, 1, 2].map((n) => this.blob("item" + n)) }); }
  @step body(item: string) { console.log("body", item.length); this.visit(); this.part = item + this.seed; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.visit(); this.total = inputs.reduce((sum, input) => sum + input.part.length, 0); this.next(this.end); }
  @step end() { this.visit(); }
  visit(): void { if (process.env.FAIL === here()) throw new Error("asked to"); }
  blob(name: string): string { return Array.from({ length: 3000 }, (_, n) => name + this.seed + n * n).join(); }`,
});

/** Makes all blobs a few hours old, as if nobody had stored anything since. */
async function age(project: Project): Promise<void> {
  const folder = project.path(".millrace/blobs");
  const old = new Date(Date.now() - 5 * 60 * 60 * 1000);
  for (const name of await readdir(folder, { recursive: true })) await utimes(join(folder, name), old, old);
}

async function blobs(project: Project): Promise<number> {
  const entries = await readdir(project.path(".millrace/blobs"), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}

/** What the reading commands show of a run, logs and all. */
async function shown(project: Project, run: string): Promise<unknown> {
  const results = new Results(project);
  return [await results.status(run), await results.dump(run), (await project.expectMillrace(0, ["logs", run])).stdout];
}

describe("millrace gc", () => {
  test("drops what it says it would, and leaves what is kept as it was", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    for (const seed of ["1", "2", "3"]) await project.expectMillrace(0, ["run", "flow.ts", "--seed", seed]);
    await project.expectMillrace(0, ["tag", "add", "Demo/1", "keep"]);
    await age(project);
    const kept = [await shown(project, "Demo/1"), await shown(project, "Demo/3")];
    const criteria = ["--keep", "1", "--without-tag", "keep", "--json"];
    const dry = JSON.parse((await project.expectMillrace(0, ["gc", ...criteria, "--dry-run"])).stdout);
    expect(dry).toMatchObject({ dryRun: true, dropped: [{ pathspec: "Demo/2", keptFor: [] }], damaged: [] });
    expect(dry.bytes).toBeGreaterThan(1000);
    const before = await blobs(project);
    const done = JSON.parse((await project.expectMillrace(0, ["gc", ...criteria])).stdout);
    expect(done).toEqual({ ...dry, dryRun: false });
    expect(await blobs(project)).toBe(before - done.unused.count);
    expect([await shown(project, "Demo/1"), await shown(project, "Demo/3")]).toEqual(kept);
    expect((await new Results(project).runs()).map(({ pathspec }) => pathspec)).toEqual(["Demo/3", "Demo/1"]);
    expect((await project.expectMillrace(1, ["status", "Demo/2"])).stderr).toContain("run-unknown");
    expect(await readdir(project.path(".millrace"))).not.toContain("gc");
    expect(await readdir(project.path(".millrace/tmp")).catch(() => [])).toEqual([]);
  });

  test("keeps what a resumed run took over, out of sight, until that run goes", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "body/1" } });
    await project.expectMillrace(1, ["resume", "flow.ts"], { env: { FAIL: "join/0" } });
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    await age(project);
    const kept = await shown(project, "Demo/3");
    const { stdout } = await project.expectMillrace(0, ["gc", "--status", "failed"]);
    expect(stdout).toContain("Demo/1 (out of sight; its tasks stay for Demo/3)");
    expect(await shown(project, "Demo/3")).toEqual(kept);
    await project.expectMillrace(0, ["resume", "flow.ts", "end"]);
    expect(await new Results(project).artifact("Demo/4/join/0", "total")).toBeGreaterThan(0);
    await project.expectMillrace(0, ["gc", "--keep", "0"]);
    expect(await new Results(project).runs()).toEqual([]);
    await age(project);
    await project.expectMillrace(0, ["gc"]);
    expect(await blobs(project)).toBe(0);
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect((await new Results(project).runs()).map(({ pathspec }) => pathspec)).toEqual(["Demo/5"]);
  });

  test("leaves a run at work alone", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ steps: `@step async start() { await gate("open"); this.next(this.end); } @step end() {}` }),
    });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("open");
    const { stdout } = await project.expectMillrace(0, ["gc", "--keep", "0"]);
    expect(stdout).toContain("left alone, as they may be at work:\n  Demo/1");
    project.gates.open("open");
    expect((await run.result).code).toBe(0);
    expect((await new Results(project).status("Demo/1")).status).toBe("done");
  });

  test.each([
    [["gc", "--older-than", "soon"], "bad-option-value"],
    [["gc", "--keep", "-1"], "bad-option-value"],
    [["gc", "--status", "odd"], "bad-option-value"],
    [["gc", "Demo/latest"], "gc-latest"],
    [["gc", "Demo/1/start"], "pathspec-too-long"],
    [["gc", "a", "b"], "argument-unexpected"],
  ])("%j is wrong usage: %s", async (args, code) => {
    await using project = await Project.create({ "flow.ts": flow });
    expect((await project.expectMillrace(2, args)).stderr).toContain(code);
  });
});
