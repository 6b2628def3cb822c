import { describe, expect, test } from "vitest";
import { setTimeout as wait } from "node:timers/promises";
import { markedProcesses } from "../rig/processes.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results } from "../rig/results.js";

const COUNT = 1200;

/** Brief tasks, of which some print, some hold the processor for long and some wait. */
const FLOW = `
import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { FlowSpec, step, type Inputs } from "millrace";

export default class HeldUp extends FlowSpec {
  doubled!: number;
  total!: number;
  @step start() { this.next(this.work, { foreach: Array.from({ length: ${COUNT} }, (_, index) => index) }); }
  @step async work(item: number) {
    appendFileSync("ran.txt", item + "\\n");
    if (item % 7 === 0) console.log("item", item);
    if (item % 301 === 0) for (const until = Date.now() + 150; Date.now() < until; );
    if (item % 401 === 0) await wait(120);
    this.doubled = item * 2;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) {
    this.total = inputs.reduce((sum, input) => sum + input.doubled, 0);
    this.next(this.end);
  }
  @step end() {}
}
`;

/** Stops one of the processes for a moment, again and again. */
async function holdUp(project: Project, random: Random, ended: () => boolean): Promise<number> {
  let times = 0;
  while (!ended()) {
    const processes = markedProcesses(project.mark).filter(({ command }) => command.includes("task/entry") || command.includes("cli/bin"));
    const held = processes[random.below(processes.length)];
    if (held !== undefined && signal(held.pid, "SIGSTOP")) {
      times++;
      await wait(random.below(300));
      signal(held.pid, "SIGCONT");
    }
    await wait(random.below(60));
  }
  return times;
}

/** False when the process is gone. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === "win32")("processes that are held up", () => {
  test.each([71, 72, 73])("run each task once, and the result is exact (seed %i)", async (seed) => {
    await using project = await Project.create({ "flow.ts": FLOW });
    const run = project.start(["run", "flow.ts", "--max-num-splits", String(COUNT)]);
    let ended = false;
    void run.result.then(() => (ended = true));
    const times = await holdUp(project, new Random(seed), () => ended);
    const result = await run.result;
    expect(result.code, result.all).toBe(0);
    expect(times).toBeGreaterThan(0);
    const ran = (await project.read("ran.txt")).trim().split("\n").map(Number);
    expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, index) => index));
    expect(await new Results(project).artifact("HeldUp/1/end/0", "total")).toBe(COUNT * (COUNT - 1));
  });
});
