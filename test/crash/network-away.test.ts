import { expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { Project } from "../rig/project.js";
import { Random, seeds } from "../rig/random.js";
import { Results } from "../rig/results.js";
import { S3Proxy, type Away } from "../rig/s3-proxy.js";
import { awsService, describeWith, slurmService } from "../rig/services.js";
import { flowText } from "../rig/flow-text.js";
import { jobsOf } from "../compute/conformance/slurm-place.js";
import { expectWhole, openS3Place } from "./s3-place.js";

/** How long an outage is waited out here. */
const PATIENCE = "3s";
const AWAY: readonly Away[] = ["broken", "silent"];

const aws = await awsService();

describeWith(aws, "S3 that goes away altogether", (s3) => {
  test.concurrent.each(AWAY)("%s, for a while, at any moment: the run ends right", async (how) => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const [seed = 1] = seeds(how === "broken" ? 3 : 4);
    const random = new Random(seed);
    const run = project.start(["run", "flow.ts", "--max-workers", "4"], { env });
    let ended = false;
    void run.result.then(() => (ended = true));
    for (let outage = 0; outage < 3 && !ended; outage++) {
      const requests = proxy.seen.length + random.below(80);
      await until("the run has gone on", () => ended || proxy.seen.length >= requests);
      proxy.goAway(how);
      await new Promise((resolve) => setTimeout(resolve, 300 + random.below(1000)));
      proxy.comeBack();
    }
    const { code, all } = await run.result;
    expect(code, all).toBe(0);
    await expectWhole(results);
  });

  // Of connections that break, s3-faults.test.ts tells.
  test.concurrent("silent, for good: the run fails in words when its patience is over; resume goes on from there", async () => {
    await using place = await openS3Place(s3, { env: { MILLRACE_S3_PATIENCE: PATIENCE } });
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway("silent");
    const { code, all } = await run.result;
    expect(code, all).toBe(1);
    expect(all).toContain("cannot be reached");
    expect(all).toContain("millrace resume flow.ts");
    await project.untilNoneLeft();
    proxy.comeBack();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    await expectWhole(results);
  });

  test.concurrent("broken: Ctrl-C ends the run all the same, without a second one; resume goes on from there", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.goAway("broken");
    run.signalGroup("SIGINT");
    const { code, all } = await run.result;
    expect(code, all).toBe(130);
    await project.untilNoneLeft();
    proxy.comeBack();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    await expectWhole(results);
  });
});

/** Jobs that store and read blobs. */
const JOBS_FLOW = flowText({
  name: "Away",
  imports: "slurm, type Inputs",
  head: `const pause = () => new Promise((resolve) => setTimeout(resolve, 300)); void note; void gate; void here;`,
  fields: "rows!: string; part!: number; total!: number;",
  steps: `
  @step start() { this.rows = "row ".repeat(30_000); this.next(this.body, { foreach: [1, 2, 3] }); }
  @step @slurm async body(n: number) { await pause(); this.part = n * this.rows.length; console.log("part " + n); this.next(this.join); }
  @step @slurm async join(inputs: Inputs<this>) { await pause(); this.total = inputs.reduce((sum, input) => sum + input.part, 0); this.next(this.end); }
  @step end() {}`,
});
const JOBS_TOTAL = 6 * 120_000;

describeWith(await slurmService(), "jobs of Slurm whose S3", (slurm) => {
  describeWith(aws, "goes away", ({ endpoint, env: access, freshUrl }) => {
    test.concurrent.each(AWAY)("%s, for a while, at any moment: the run ends right", async (how) => {
      await using proxy = await S3Proxy.start(endpoint);
      const direct = { ...access, MILLRACE_DATASTORE: freshUrl() };
      const env = { ...slurm.env, ...direct, AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off" };
      await using project = await Project.create({ "flow.ts": JOBS_FLOW.replaceAll("Away", `Away${how}`) }, { env, patienceMs: 100_000 });
      const [seed = 1] = seeds(how === "broken" ? 5 : 6);
      const random = new Random(seed);
      const run = project.start(["run", "flow.ts"]);
      let ended = false;
      void run.result.then(() => (ended = true));
      for (let outage = 0; outage < 3 && !ended; outage++) {
        const requests = proxy.seen.length + 10 + random.below(25);
        await until("the run has gone on", () => ended || proxy.seen.length >= requests);
        proxy.goAway(how);
        await new Promise((resolve) => setTimeout(resolve, 300 + random.below(1500)));
        proxy.comeBack();
      }
      const { code, all } = await run.result;
      expect(code, all).toBe(0);
      expect(await new Results(project, direct).artifact(`Away${how}/latest/end/0`, "total")).toBe(JOBS_TOTAL);
    });

    test.concurrent("goes away for good: the run fails in words, no job is left, and resume goes on from there", async () => {
      await using proxy = await S3Proxy.start(endpoint);
      const direct = { ...access, MILLRACE_DATASTORE: freshUrl() };
      const env = { ...slurm.env, ...direct, AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off", MILLRACE_S3_PATIENCE: PATIENCE };
      await using project = await Project.create({ "flow.ts": JOBS_FLOW.replaceAll("Away", "Gone") }, { env, patienceMs: 100_000 });
      const run = project.start(["run", "flow.ts"]);
      await run.printed("[Gone/1/body/0] started");
      proxy.goAway();
      const { code, all } = await run.result;
      expect(code, all).toBe(1);
      expect(all).toMatch(/cannot be reached|does not answer/);
      expect(all).toContain("millrace resume flow.ts");
      await until("no job is left", async () => (await jobsOf("Gone", slurm.env)).length === 0);
      proxy.comeBack();
      await project.expectMillrace(0, ["resume", "flow.ts"]);
      expect(await new Results(project, direct).artifact("Gone/latest/end/0", "total")).toBe(JOBS_TOTAL);
    });
  });
});
