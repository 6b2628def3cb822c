import { describe, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { killHard, markedProcesses } from "../rig/processes.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results, shortTask } from "../rig/results.js";
import { begins, CRASH_FLOW, CRASH_TASKS, CRASH_TOTAL } from "./crash-flow.js";

const seeds = Array.from({ length: 6 }, (_, n) => 500 + 11 * n);

/** Kills one of the run's workers at random moments until the run has ended; returns how many were hit. */
async function huntWorkers(project: Project, scheduler: number, random: Random, ended: () => boolean, most: number): Promise<number> {
  let hits = 0;
  while (!ended() && hits < most) {
    const notes = project.ledger.length + 1 + random.below(12);
    await until("the run has gone on", () => ended() || project.ledger.length >= notes);
    const workers = markedProcesses(project.mark).filter((process) => process.parent === scheduler);
    const victim = workers[random.below(workers.length)];
    if (victim === undefined) continue;
    killHard(victim.pid);
    hits++;
  }
  return hits;
}

describe("kill -9 of workers", () => {
  test.each(seeds)("at many moments (seed %i), with retries: the run ends exact and nothing is left", async (seed) => {
    const random = new Random(seed);
    await using project = await Project.create({ "flow.ts": CRASH_FLOW });
    const run = project.start(["run", "flow.ts", "--max-workers", "3", "--with", "retry:times=20,delay=0s"]);
    let ended = false;
    void run.result.then(() => (ended = true));
    const hits = await huntWorkers(project, run.pid, random, () => ended, 10);
    const result = await run.result;
    expect(result.code, result.all).toBe(0);
    expect(hits).toBeGreaterThan(0);
    const results = new Results(project);
    expect(await results.artifact("Crash/1/end/0", "total")).toBe(CRASH_TOTAL);
    expect((await results.status("Crash/1")).tasks.map((task) => shortTask(task.pathspec)).toSorted()).toEqual(CRASH_TASKS.toSorted());
  });

  test.each(seeds.slice(0, 3))("without retries (seed %i): the run fails, and resumes go on until it is done", async (seed) => {
    const random = new Random(seed);
    await using project = await Project.create({ "flow.ts": CRASH_FLOW });
    const results = new Results(project);
    let command = "run";
    let code: number | null = 1;
    for (let turn = 0; code !== 0; turn++) {
      expect(turn).toBeLessThan(10);
      const finished =
        turn === 0
          ? []
          : (await results.status("Crash/latest")).tasks.filter((task) => task.status === "done").map((task) => shortTask(task.pathspec));
      const before = begins(project);
      const run = project.start([command, "flow.ts", "--max-workers", "3"]);
      let ended = false;
      void run.result.then(() => (ended = true));
      await huntWorkers(project, run.pid, random, () => ended, turn < 4 ? 1 : 0);
      ({ code } = await run.result);
      expect([0, 1], run.output).toContain(code);
      for (const task of finished) expect(begins(project).get(task), `${task} ran again`).toBe(before.get(task));
      command = "resume";
    }
    expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
  });

  test("that are idle does no harm", async () => {
    await using project = await Project.create({ "flow.ts": CRASH_FLOW.replace("@step async left() {", '@step async left() { await gate("left");') });
    const run = project.start(["run", "flow.ts", "--max-workers", "4", "--json"]);
    await run.event("task-done", "right/0");
    const busy = await project.gates.reached("left");
    for (const process of markedProcesses(project.mark)) if (process.parent === run.pid && process.pid !== busy) killHard(process.pid);
    project.gates.openAll();
    const result = await run.result;
    expect(result.code, result.all).toBe(0);
  });
});
