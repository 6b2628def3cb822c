import { describe, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { killHard, markedProcesses } from "../rig/processes.js";
import { Random, seeds } from "../rig/random.js";
import { randomFaults, type SeenRequest } from "../rig/s3-proxy.js";
import { describeWith, s3Service } from "../rig/services.js";
import { expectWhole, openS3Place } from "./s3-place.js";

/** How long an outage is waited out here. */
const PATIENCE = "3s";

describeWith(await s3Service(), "S3 that fails now and then", (s3) => {
  describe("delays, errors, resets, lost answers and cut bodies", () => {
    test.each(seeds(11, 12))("seed %i: a run ends right, or fails clearly and is resumed", async (seed) => {
      await using place = await openS3Place(s3);
      const { project, proxy, env, results } = place;
      proxy.plan = randomFaults(new Random(seed), 0.2);
      const seen: SeenRequest[] = [];
      let command = "run";
      for (let round = 0; round < 6; round++) {
        const result = await project.millrace([command, "flow.ts", "--max-workers", "4", "--quiet"], { env });
        if (result.code === 0) break;
        // What is said is about S3, and no stack of ours.
        expect(result.all).toMatch(/s3-|datastore-/);
        expect(result.all).not.toMatch(/^\s+at .*millrace/m);
        if ((await results.runs()).length > 0) command = "resume";
      }
      seen.push(...proxy.seen);
      expect(seen.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(10);
      expect((await results.runs())[0]?.status).toBe("done");
      await expectWhole(results);
    });
  });

  test("an outage that ends is waited out", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "4"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway();
    await run.printed("is slow or fails");
    proxy.comeBack();
    const result = await run.result;
    expect(result.code, result.all).toBe(0);
    expect(result.all.split("is slow or fails")).toHaveLength(2);
    await expectWhole(results);
  });

  test("an outage that does not end fails the run, in words; resume goes on from there", async () => {
    await using place = await openS3Place(s3, { env: { MILLRACE_S3_PATIENCE: PATIENCE } });
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway();
    const result = await run.result;
    expect(result.code, result.all).toBe(1);
    expect(result.all).toContain("cannot be reached");
    expect(result.all).toContain("millrace resume flow.ts");
    await project.untilNoneLeft();
    proxy.comeBack();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    await expectWhole(results);
  });

  test("Ctrl-C once ends a run although S3 has fallen silent", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway("silent");
    run.signalGroup("SIGINT");
    await run.printed("SIGINT: stopping");
    const result = await run.result;
    expect(result.code, result.all).toBe(130);
    expect(result.all).toContain("millrace resume flow.ts");
    await project.untilNoneLeft();
  });

  test("Ctrl-C ends a run that waits for S3 before it has begun", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const asked = new Promise<void>((resolve) => {
      proxy.plan = ({ method, url = "" }) => {
        if (method !== "PUT" || !url.includes("/blobs/")) return undefined;
        proxy.goAway("silent");
        resolve();
        return "reset";
      };
    });
    const run = project.start(["run", "flow.ts"], { env });
    await asked;
    run.signalGroup("SIGINT");
    const result = await run.result;
    expect(result.code, result.all).toBe(130);
    expect(result.all).toContain("Interrupted before the run had begun.");
    await project.untilNoneLeft();
    expect(await results.runs()).toEqual([]);
  });

  test("Ctrl-C twice ends a run although S3 does not answer; resume goes on from there", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway();
    await run.printed("is slow or fails");
    run.signalGroup("SIGINT");
    await run.printed("SIGINT");
    run.signalGroup("SIGINT");
    const result = await run.result;
    expect(result.code, result.all).toBe(130);
    await project.untilNoneLeft();
    proxy.comeBack();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    await expectWhole(results);
  });

  test("kill -9 of task processes at random moments, with faults: the run ends right", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const random = new Random(41);
    proxy.plan = randomFaults(new Random(42), 0.05);
    const run = project.start(["run", "flow.ts", "--max-workers", "3", "--with", "retry:times=20,delay=0s"], { env });
    let ended = false;
    void run.result.then(() => (ended = true));
    for (let kill = 0; kill < 4 && !ended; kill++) {
      const notes = project.ledger.length + 1 + random.below(12);
      await until("the run has gone on", () => ended || project.ledger.length >= notes);
      const workers = markedProcesses(project.mark).filter((process) => process.parent === run.pid);
      const victim = workers[random.below(workers.length)];
      if (victim !== undefined) killHard(victim.pid);
    }
    const result = await run.result;
    expect(result.code, result.all).toBe(0);
    await expectWhole(results);
  });

  test("kill -9 of the scheduler at random moments, with faults; then resume", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const random = new Random(77);
    proxy.plan = randomFaults(new Random(78), 0.1);
    for (let kill = 0; kill < 3; kill++) {
      const command = (await results.runs()).length === 0 ? "run" : "resume";
      const run = project.start([command, "flow.ts", "--max-workers", "4"], { env });
      const notes = project.ledger.length + random.below(30);
      let ended = false;
      void run.result.then(() => (ended = true));
      await until("the run has come so far", () => ended || project.ledger.length >= notes);
      run.signal("SIGKILL");
      await run.result;
      await project.untilNoneLeft();
    }
    proxy.plan = () => undefined;
    const { code, all } = await project.millrace(["resume", "flow.ts"], { env });
    expect(code, all).toBe(0);
    await expectWhole(results);
  });
});
