import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { expectNoOwnTraces, expectSays } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";
import { canMount, SmallDisk } from "./small-disk.js";

const mountable = canMount();
const why = mountable ? "" : " (skipped: only a privileged user on Linux can make a small disk)";

const flow = flowText({
  imports: "type Inputs",
  fields: "bytes!: Buffer; one!: number; total!: number;",
  head: `import { randomBytes } from "node:crypto";`,
  steps: `
  @step start() { note("start"); this.next(this.body, { foreach: [0, 1, 2, 3, 4, 5] }); }
  @step body(n: number) { note("body " + n); this.bytes = randomBytes(300_000); this.one = n; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.total = inputs.reduce((sum, input) => sum + input.one + input.bytes.length, 0); this.next(this.end); }
  @step end() { note("total " + this.total); }`,
});

describe.skipIf(!mountable)(`a full disk${why}`, () => {
  test("fails the tasks that cannot store, says so, and what was finished is there when there is room again", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    using disk = new SmallDisk(project.path(".millrace"), 1500);
    const failed = await project.millrace(["run", "flow.ts", "--max-workers", "1"]);
    expect(failed.code, failed.all).toBe(1);
    expectSays(failed, /no space|disk.*full|full.*disk|ENOSPC/i, "millrace resume");
    const { tasks } = await new Results(project).status("Demo/1");
    const done = tasks.filter((task) => task.status === "done").map((task) => task.pathspec);
    expect(done.length).toBeGreaterThan(1);

    disk.enlarge(20_000);
    const before = project.ledger.length;
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe(`total ${6 * 300_000 + 15}`);
    const again = project.ledger.slice(before).filter((line) => line.startsWith("body"));
    expect(again).toHaveLength(6 - done.filter((task) => task.includes("/body/")).length);
  });

  // From no room at all, over room for the run's record and no more, to almost enough.
  test.each([0, 4, 8, 12, 20, 28, 40, 60, 100])("with %i KB left gives a clear answer at whatever is written then", async (kb) => {
    await using project = await Project.create({ "flow.ts": flow.replace("300_000", "3_000") });
    using disk = new SmallDisk(project.path(".millrace"), 400);
    disk.fill(400 - kb);
    const result = await project.millrace(["run", "flow.ts"]);
    expectNoOwnTraces(result);
    if (result.code !== 0) {
      expect(result.code, result.all).toBe(1);
      expectSays(result, /no space|disk.*full|full.*disk|ENOSPC/i);
    }
    disk.enlarge(20_000);
    const runs = await new Results(project).runs();
    await project.expectMillrace(0, [runs.length === 0 ? "run" : "resume", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe(`total ${6 * 3_000 + 15}`);
  });

  test("that becomes read-only while a run is at work ends it with a clear answer, and leaves nothing running", async () => {
    await using project = await Project.create({
      "flow.ts": flow.replace('note("body " + n);', 'await gate("body"); note("body " + n);').replace("@step body", "@step async body"),
    });
    using disk = new SmallDisk(project.path(".millrace"), 20_000);
    const run = project.start(["run", "flow.ts", "--max-workers", "2"]);
    await project.gates.reached("body");
    // Files that are open for writing hold a file system writable; the gate's waiters have only their output open.
    try {
      disk.readOnly(true);
    } catch {
      disk.fill(19_000);
      disk.enlarge(19_200);
    }
    project.gates.openAll();
    const result = await run.result;
    expect(result.code, result.all).toBe(1);
    expectSays(result, /read-only|no space|disk.*full|full.*disk|EROFS|ENOSPC/i);
    await project.untilNoneLeft();
    disk.readOnly(false);
    disk.enlarge(40_000);
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe(`total ${6 * 300_000 + 15}`);
  });
});

describe("a datastore that may be read and not written", () => {
  /** Runs as a user that may not write there. */
  function lock(project: Project): { readonly uid?: number } {
    if (process.getuid?.() === 0) {
      chmodSync(project.path(".."), 0o755);
      return { uid: 65_534 };
    }
    chmodSync(project.path(".millrace"), 0o555);
    chmodSync(project.path(".millrace/flows/Demo"), 0o555);
    return {};
  }

  test.skipIf(process.platform === "win32")("can be read; a run or resume says what it may not write before anything starts", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const { length } = project.ledger;
    const as = lock(project);
    for (const args of [["runs"], ["status", "Demo/1"], ["dump", "Demo/1/end/0"], ["logs", "Demo/1"]]) await project.expectMillrace(0, args, as);
    for (const args of [
      ["run", "flow.ts"],
      ["resume", "flow.ts", "start"],
    ]) {
      const result = await project.millrace(args, as);
      expect([1, 2], result.all).toContain(result.code);
      expectSays(result, ".millrace", /permission|not allowed|may not|cannot write|not writable/i);
    }
    expect(project.ledger).toHaveLength(length);
    chmodSync(project.path(".millrace"), 0o755);
    chmodSync(project.path(".millrace/flows/Demo"), 0o755);
  });
});
