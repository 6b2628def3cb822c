import { describe, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** Six bodies, two at once; the first two can be let through, the others hold on in the way that is asked for. */
function flow(hold: string): string {
  return flowText({
    imports: "type Inputs",
    fields: "total!: number; one!: number;",
    head: `import { spawn } from "node:child_process"; void spawn;`,
    steps: `
  @step start() { this.next(this.body, { foreach: [0, 1, 2, 3, 4, 5] }); }
  @step async body(n: number) {
    note("begin " + n);
    await gate("body " + n);
    if (n >= 2 && process.env.HOLD) { ${hold} }
    this.one = n;
    note("end " + n);
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.total = inputs.reduce((sum, input) => sum + input.one, 0); this.next(this.end); }
  @step end() { note("total " + this.total); }`,
  });
}

const holds: Readonly<Record<string, string>> = {
  wait: `await new Promise((resolve) => setTimeout(resolve, 1e8));`,
  "never yield": `for (;;);`,
  "ignore signals": `process.on("SIGINT", () => {}); process.on("SIGTERM", () => {}); await new Promise((resolve) => setTimeout(resolve, 1e8));`,
  "have a child process": `spawn(process.execPath, ["-e", "setTimeout(() => {}, 1e8)"], { stdio: "inherit" }); await new Promise((resolve) => setTimeout(resolve, 1e8));`,
};

async function startHeld(project: Project): Promise<ReturnType<Project["start"]>> {
  for (const n of [0, 1, 2, 3, 4, 5]) project.gates.open(`body ${n}`);
  const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env: { HOLD: "1" } });
  await project.gates.reached("body 2");
  await project.gates.reached("body 3");
  return run;
}

describe.each(Object.entries(holds))("while steps %s", (_, hold) => {
  test.each([
    ["Ctrl-C", "SIGINT", true, 130],
    ["SIGINT to the command alone", "SIGINT", false, 130],
    ["SIGTERM to the command alone", "SIGTERM", false, [130, 143]],
  ] as const)("%s stops the run, leaves nothing behind, and resume goes on", async (_name, signal, group, codes) => {
    await using project = await Project.create({ "flow.ts": flow(hold) });
    const run = await startHeld(project);
    if (group) run.signalGroup(signal);
    else run.signal(signal);
    const result = await run.result;
    expect([codes].flat(), result.all).toContain(result.code);
    await project.untilNoneLeft();
    expect(project.ledger.filter((line) => line.startsWith("begin")).toSorted()).toEqual(["begin 0", "begin 1", "begin 2", "begin 3"]);
    expect(result.all).toContain("millrace resume");
    const results = new Results(project);
    expect((await results.status("Demo/1")).status).toBe("interrupted");

    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.filter((line) => line.startsWith("begin 0") || line.startsWith("begin 1"))).toHaveLength(2);
    expect(project.ledger.at(-1)).toBe("total 15");
  });
});

describe("Ctrl-C twice", () => {
  test("ends a run at once whose steps do not want to stop", async () => {
    await using project = await Project.create({ "flow.ts": flow(holds["ignore signals"] ?? "") });
    const run = await startHeld(project);
    run.signalGroup("SIGINT");
    await run.printed("once more");
    run.signalGroup("SIGINT");
    const result = await run.result;
    expect(result.code, result.all).toBe(130);
    await project.untilNoneLeft();
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe("total 15");
  });
});

describe("Ctrl-C", () => {
  test("before the first task, while the flow is being loaded, leaves nothing and starts nothing", async () => {
    await using project = await Project.create({
      "flow.ts": `import { appendFileSync } from "node:fs";\nappendFileSync(process.env.RIG_LEDGER!, "loading\\n");\nawait new Promise((resolve) => setTimeout(resolve, 1e8));\nexport {};\n`,
    });
    const run = project.start(["run", "flow.ts"]);
    await until("the module is being loaded", () => project.ledger.includes("loading"));
    run.signalGroup("SIGINT");
    const result = await run.result;
    // Nothing was at work yet, so the signal itself may end the command: shells show that as 130 too.
    expect(result.code === 130 || result.signal === "SIGINT", result.all).toBe(true);
    await project.untilNoneLeft();
    expect(await new Results(project).runs()).toEqual([]);
  });

  test("while a retry is waited for ends the wait", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "retry",
        steps: `\n  @step @retry({ times: 3, delay: "1h" }) start() { note("tried"); throw new Error("no"); this.next(this.end); }\n  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--json"]);
    await run.event("task-failed");
    run.signalGroup("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(project.ledger).toEqual(["tried"]);
  });
});

describe("a scheduler that vanishes", () => {
  test.each(Object.entries(holds))("takes its workers along while steps %s, shows as lost, and resume goes on", async (_, hold) => {
    await using project = await Project.create({ "flow.ts": flow(hold) });
    const run = await startHeld(project);
    run.signal("SIGKILL");
    await run.result;
    await project.untilNoneLeft();
    expect((await new Results(project).status("Demo/1")).status).toBe("lost");
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.filter((line) => line === "begin 0" || line === "begin 1")).toHaveLength(2);
    expect(project.ledger.at(-1)).toBe("total 15");
  });
});

describe("a closed terminal", () => {
  test("SIGHUP stops the run like Ctrl-C", async () => {
    await using project = await Project.create({ "flow.ts": flow(holds["wait"] ?? "") });
    const run = await startHeld(project);
    run.signalGroup("SIGHUP");
    await run.result;
    await project.untilNoneLeft();
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(project.ledger.at(-1)).toBe("total 15");
  });

  test("output that nobody reads any more does not hang or break the run", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps: `\n  @step async start() { await gate("closed"); for (let n = 0; n < 5000; n++) console.log("line " + n); this.next(this.end); }\n  @step end() { note("end"); }`,
      }),
    });
    const run = project.start(["run", "flow.ts"], { shell: `"$@" | head -n 1` });
    await project.gates.reached("closed");
    project.gates.open("closed");
    await run.result;
    await project.untilNoneLeft();
    const { status } = await new Results(project).status("Demo/1");
    expect(["done", "interrupted"]).toContain(status);
    if (status === "done") expect(project.ledger).toEqual(["end"]);
  });
});
