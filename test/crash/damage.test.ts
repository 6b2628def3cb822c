import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { expectNoOwnTraces, expectSays } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = flowText({
  imports: "type Inputs",
  fields: "rows!: string[]; small!: number; one!: number; total!: number; rest!: string[];",
  steps: `
  @step start() { note("start"); this.rows = Array.from({ length: 20_000 }, (_, n) => "row " + n); this.small = 1; console.log("start out"); this.next(this.body, { foreach: [1, 2, 3] }); }
  @step body(n: number) { note("body " + n); this.one = n; this.next(this.join); }
  @step join(inputs: Inputs<this>) { note("join"); this.mergeArtifacts(inputs, { include: ["rows", "small"] }); this.total = inputs.reduce((sum, input) => sum + input.one, 0); this.next(this.use); }
  @step use() { note("use"); this.rest = this.rows.slice(0, 2); if (process.env.FAIL) throw new Error("asked to"); this.next(this.end); }
  @step end() { note("end " + this.total + " " + this.rest); }`,
});

async function brokenRun(): Promise<Project> {
  const project = await Project.create({ "flow.ts": flow });
  await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "1" } });
  return project;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The blob that holds the rows: the largest but the code package's. */
function rowsBlob(project: Project): string {
  const blobs = filesBelow(project.path(".millrace/blobs")).filter((file) => !readFileSync(file).includes("FlowSpec"));
  const [largest] = blobs.toSorted((a, b) => statSync(b).size - statSync(a).size);
  if (largest === undefined) throw new Error("there are no blobs");
  return largest;
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x20;
  rmSync(file);
  writeFileSync(file, bytes);
}

const damages: Readonly<Record<string, (file: string) => void>> = {
  "a byte is wrong": flipByte,
  "the end is missing": (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  "it is empty": (file) => truncateSync(file, 0),
  "it is gone": (file) => rmSync(file),
};

describe.each(Object.entries(damages))("a blob of which %s", (_, damage) => {
  test("is never returned: the error names the artifact, the rest can be read, and running its step again heals it", async () => {
    await using project = await brokenRun();
    damage(rowsBlob(project));

    const dump = await project.millrace(["dump", "Demo/1/start/0/rows", "--json"]);
    expect(dump.code, dump.all).toBe(1);
    expectSays(dump, "rows", /Demo\/1|start\/0/);
    expect(dump.stdout).not.toContain("row 1");
    expect(await new Results(project).artifact("Demo/1/start/0", "small")).toBe(1);
    expect(await new Results(project).artifact("Demo/1/join/0", "total")).toBe(6);

    const resumed = await project.millrace(["resume", "flow.ts"]);
    expect(resumed.code, resumed.all).toBe(1);
    expectSays(resumed, "rows", "use/0");
    const before = project.ledger.length;
    await project.expectMillrace(0, ["resume", "flow.ts", "start"]);
    expect(project.ledger.slice(before).at(-1)).toBe("end 6 row 0,row 1");
  });
});

test("a damaged artifact that no step touches is in nobody's way: it is handed on, unread", async () => {
  const source = flow.replace("this.rest = this.rows.slice(0, 2);", 'this.rest = ["untouched"];');
  await using project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "1" } });
  flipByte(rowsBlob(project));
  await project.expectMillrace(0, ["resume", "flow.ts", "join"]);
  expect(project.ledger.at(-1)).toBe("end 6 untouched");
});

describe.each(Object.entries(damages))("an index of which %s", (_, damage) => {
  test("says nothing: the records themselves are read", async () => {
    await using project = await brokenRun();
    for (const file of filesBelow(project.path(".millrace/flows/Demo/1/index"))) damage(file);
    expect((await new Results(project).status("Demo/1")).tasks).toHaveLength(6);
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.slice(6)).toEqual(["use", "end 6 row 0,row 1"]);
  });
});

/** Every kind of record of a failed run, by its place below the run's folder. */
const records = ["run.json", "result.json", "tasks/start/0.json", "tasks/body/1.json", "tasks/use/0.failed-0.json"] as const;

describe.each(records)("a damaged %s", (record) => {
  test.each(Object.entries(damages))("of which %s gives a clear answer, and loses nothing that was finished", async (_, damage) => {
    await using project = await brokenRun();
    const file = project.path(".millrace/flows/Demo/1", record);
    damage(file);

    for (const args of [
      ["runs", "--json"],
      ["status", "Demo/1"],
      ["dump", "Demo/1/join/0"],
      ["logs", "Demo/1"],
    ]) {
      const result = await project.millrace(args);
      expect([0, 1], result.all).toContain(result.code);
      expectNoOwnTraces(result);
      // What fails says which record is at fault, by its file, task or run.
      if (result.code === 1) expectSays(result, /Demo\/1|Demo has no run 1/);
    }
    const resumed = await project.millrace(["resume", "flow.ts"]);
    expectNoOwnTraces(resumed);
    if (resumed.code === 0) {
      expect(project.ledger.at(-1)).toBe("end 6 row 0,row 1");
      // At most what the damaged record stood for runs again.
      const again = project.ledger.slice(6);
      const allowed = record === "tasks/start/0.json" ? ["start"] : record === "tasks/body/1.json" ? ["body 2"] : [];
      expect(again.filter((line) => !["use", "end 6 row 0,row 1", ...allowed].includes(line))).toEqual([]);
    } else {
      expectSays(resumed, /Demo\/1|no run of Demo/);
      expect(project.ledger.slice(6)).toEqual([]);
    }
    // A run of its own is not disturbed by another's damage.
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe("end 6 row 0,row 1");
  });
});

test.each(["", "{", "{}", "null", '{"format":1,"host":5}'])(
  "a lease that says %j says nothing: the run counts as lost, and goes on",
  async (lease) => {
    await using project = await Project.create({
      "flow.ts": flow.replace('note("use");', 'note("use"); await gate("use");').replace("@step use", "@step async use"),
    });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("use");
    run.signal("SIGKILL");
    await run.result;
    await project.untilNoneLeft();
    writeFileSync(project.path(".millrace/flows/Demo/1/lease.json"), lease);
    expectSays(await project.expectMillrace(0, ["status", "Demo/1"]), "lost");
    project.gates.openAll();
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.slice(-2)).toEqual(["use", "end 6 row 0,row 1"]);
  },
);

test("a datastore of a layout that is not known is left alone, with both versions named", async () => {
  await using project = await brokenRun();
  const layout = project.path(".millrace/layout.json");
  writeFileSync(layout, readFileSync(layout, "utf8").replace(/\d+/, "999"));
  for (const args of [["runs"], ["status", "Demo/1"], ["run", "flow.ts"], ["resume", "flow.ts"]]) {
    const result = await project.millrace(args);
    expect(result.code, result.all).not.toBe(0);
    expectSays(result, "999", /\b1\b/);
  }
});

test("files that are not millrace's do no harm", async () => {
  await using project = await brokenRun();
  for (const stray of [
    "flows/Demo/.DS_Store",
    "flows/Demo/1/tasks/body/.swp",
    "flows/Demo/notarun/x",
    "flows/stray.txt",
    "blobs/zz",
    "flows/Demo/1/index/junk",
  ]) {
    await project.write({ [`.millrace/${stray}`]: "stray" });
  }
  expect(await new Results(project).runs()).toHaveLength(1);
  await project.expectMillrace(0, ["resume", "flow.ts"]);
  expect(project.ledger.at(-1)).toBe("end 6 row 0,row 1");
});
