import { describe, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results, shortTask } from "../rig/results.js";
import { begins, CRASH_FLOW, CRASH_TASKS, CRASH_TOTAL } from "./crash-flow.js";

/** How often the scheduler is killed before a run is let through. */
const KILLS = 3;

/** Seeds of the tests; the seed of a failure stands in its name. */
const seeds = Array.from({ length: 12 }, (_, n) => 1000 + 7 * n);

describe("kill -9 of the scheduler", () => {
  test.each(seeds)("at many moments (seed %i), then resume: exact, nothing finished runs again, nothing is left", async (seed) => {
    const random = new Random(seed);
    await using project = await Project.create({ "flow.ts": CRASH_FLOW });
    const results = new Results(project);
    const finished = new Map<string, number>();
    let total = 0;

    for (let kill = 0; kill <= KILLS; kill++) {
      const earlier = await results.runs();
      const command = earlier.length === 0 ? "run" : "resume";
      const run = project.start([command, "flow.ts", "--max-workers", "4"]);
      if (kill < KILLS) {
        // The moment: so many notes after the start, and a little later still, which is during a commit as likely as not.
        const notes = project.ledger.length + random.below(38);
        const delay = random.below(25);
        let ended = false;
        void run.result.then(() => (ended = true));
        await until("the run has come so far", () => ended || project.ledger.length >= notes);
        await new Promise((resolve) => setTimeout(resolve, delay));
        run.signal("SIGKILL");
      }
      const result = await run.result;
      if (random.next() < 0.7 || kill >= KILLS - 1) await project.untilNoneLeft();
      if (kill === KILLS) expect(result.code, result.all).toBe(0);
      if (result.code === 0) break;

      const runs = await results.runs();
      if (runs.length === earlier.length) continue;
      const { status } = await results.status("Crash/latest");
      // The kill came after the last word was written.
      if (status === "done") break;
      expect(["lost", "running", "failed"]).toContain(status);
      if (project.processes.length > 0) continue;
      // Nothing is at work any more: what is done now is done for good.
      for (const task of (await results.status("Crash/latest")).tasks) {
        if (task.status === "done") finished.set(shortTask(task.pathspec), begins(project).get(shortTask(task.pathspec)) ?? 0);
      }
    }

    const last = await results.status("Crash/latest");
    expect(last.status).toBe("done");
    expect(last.tasks.map((task) => shortTask(task.pathspec)).toSorted()).toEqual(CRASH_TASKS.toSorted());
    expect(last.tasks.every((task) => task.status === "done")).toBe(true);
    total = (await results.artifact("Crash/latest/end/0", "total")) as number;
    expect(total).toBe(CRASH_TOTAL);
    for (const [task, times] of finished) expect(begins(project).get(task), `${task} was finished and ran again`).toBe(times);
  });

  test("leaves every record readable at every moment", async () => {
    await using project = await Project.create({ "flow.ts": CRASH_FLOW });
    const results = new Results(project);
    const random = new Random(99);
    for (let round = 0; round < 4; round++) {
      const run = project.start(["run", "flow.ts"]);
      const notes = project.ledger.length + 2 + random.below(60);
      let ended = false;
      void run.result.then(() => (ended = true));
      await until("the run has come so far", () => ended || project.ledger.length >= notes);
      run.signal("SIGKILL");
      await run.result;
      await project.untilNoneLeft();
      const { tasks } = await results.status("Crash/latest");
      const done = tasks.filter((task) => task.status === "done").map((task) => shortTask(task.pathspec));
      const dumped = await results.dump("Crash/latest");
      expect(Object.keys(dumped)).toEqual(expect.arrayContaining(done));
      expect(await results.logs("Crash/latest", "--stdout")).toContain("at start/0");
    }
    await project.expectMillrace(0, ["resume", "flow.ts"]);
    expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
  });
});
