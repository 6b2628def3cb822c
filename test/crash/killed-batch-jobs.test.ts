import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { batchPlace } from "../compute/conformance/batch-place.js";
import { until } from "../rig/condition.js";
import { flowText } from "../rig/flow-text.js";
import { killHard } from "../rig/processes.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results, shortTask } from "../rig/results.js";
import { S3Proxy } from "../rig/s3-proxy.js";
import { awsService, describeWith } from "../rig/services.js";

/** How often something goes wrong before a run is let through. */
const TROUBLES = 4;
/** How long the network is away, milliseconds: longer than a look at the jobs takes, shorter than anybody's patience. */
const OUTAGE_MS = 2_500;
const seeds = [31, 32];

const flow = (name: string): string =>
  flowText({
    name,
    imports: "batch, current, retry, type Inputs",
    head: `const pause = () => new Promise((resolve) => setTimeout(resolve, 400));
void note; void here; void gate; void current;`,
    fields: "value!: number; total!: number;",
    steps: `
  @step start() { this.next(this.body, { foreach: [1, 2, 3] }); }
  @step @batch @retry({ times: 8, delay: "0s" }) async body(number: number) { await pause(); this.value = number * 10; this.next(this.join); }
  @step @batch @retry({ times: 8, delay: "0s" }) async join(inputs: Inputs<this>) {
    await pause();
    this.total = inputs.reduce((total, input) => total + input.value, 0);
    this.next(this.end);
  }
  @step end() {}`,
  });

const troubles = ["scheduler", "container", "container", "network"] as const;

/** The first processes of containers whose job is of the flow. */
function containersOf(flowName: string): readonly number[] {
  const found: number[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      const isOfFlow = variables.some((variable) => variable.startsWith("MILLRACE_JOB=") && variable.includes(`"${flowName}"`));
      if (isOfFlow && command.startsWith("node")) found.push(Number(entry));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

describeWith(await awsService(), "trouble around jobs of AWS Batch", (aws) => {
  test.each(seeds)(
    "schedulers and containers that are killed, and a network that goes away, at many moments (seed %i): exact, nothing finished runs again, nothing is left",
    async (seed) => {
      const random = new Random(seed);
      const name = `Crash${randomBytes(4).toString("hex")}`;
      await using proxy = await S3Proxy.start(aws.endpoint);
      const place = batchPlace(aws);
      await using project = await Project.create({ "flow.ts": flow(name) }, { env: { ...place.env, AWS_ENDPOINT_URL: proxy.endpoint } });
      const results = new Results(project);
      const finished = new Set<string>();

      let count = 0;
      for (let code: number | null = null; code !== 0;) {
        const command = (await results.runs()).length === 0 ? "run" : "resume";
        const run = project.start([command, "flow.ts"]);
        let ended = false;
        void run.result.then(() => (ended = true));
        while (!ended && count < TROUBLES) {
          const trouble = troubles[random.below(troubles.length)] ?? "scheduler";
          let containers: readonly number[] = [];
          await until("a job is at work", () => {
            containers = containersOf(name);
            return ended || containers.length > 0;
          });
          await new Promise((resolve) => setTimeout(resolve, random.below(700)));
          if (ended) break;
          count++;
          if (trouble === "network") {
            proxy.goAway();
            await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
            proxy.comeBack();
          } else killHard((trouble === "container" ? containers[random.below(containers.length)] : undefined) ?? run.pid);
          if (trouble === "scheduler") break;
        }
        const result = await run.result;
        code = result.code;
        if (code === 0) break;
        expect(result.signal, result.all).toBe("SIGKILL");
        if ((await results.runs()).length === 0) continue;
        for (const { pathspec, status } of (await results.status(`${name}/latest`)).tasks) if (status === "done") finished.add(shortTask(pathspec));
      }

      expect(count).toBeGreaterThan(1);
      const { tasks } = await results.status(`${name}/latest`);
      expect(tasks.map(({ pathspec, status }) => [shortTask(pathspec), status]).toSorted()).toEqual(
        ["body/0", "body/1", "body/2", "end/0", "join/0", "start/0"].map((task) => [task, "done"]),
      );
      expect(await results.artifact(`${name}/latest/end/0`, "total")).toBe(60);
      const again = tasks.filter(({ pathspec, reused }) => finished.has(shortTask(pathspec)) && !reused);
      expect(again, "finished and ran again").toEqual([]);
      await until("no job is left", async () => (await place.jobs(name)).length === 0);
    },
    240_000,
  );
});
