import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { jobsOf } from "../compute/conformance/slurm-place.js";
import { jobsAtWork, type JobProcesses } from "../compute/slurm/job-processes.js";
import { until } from "../rig/condition.js";
import { flowText } from "../rig/flow-text.js";
import { killHard } from "../rig/processes.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results, shortTask } from "../rig/results.js";
import { describeWith, slurmService } from "../rig/services.js";

/** How often something is killed before a run is let through. */
const KILLS = 4;
const seeds = [11, 12];

const flow = (name: string): string =>
  flowText({
    name,
    imports: "current, retry, slurm, type Inputs",
    head: `import { LEDGER } from "./rig-ledger.js";
process.env.RIG_LEDGER = LEDGER;
const begin = () => note("begin " + here());
const pause = () => new Promise((resolve) => setTimeout(resolve, 400));
void gate; void current;`,
    fields: "value!: number; total!: number;",
    steps: `
  @step @slurm @retry({ times: 8, delay: "0s" }) async start() { begin(); await pause(); this.next(this.body, { foreach: [1, 2, 3, 4] }); }
  @step @slurm @retry({ times: 8, delay: "0s" }) async body(number: number) { begin(); await pause(); this.value = number * 10; this.next(this.join); }
  @step @slurm @retry({ times: 8, delay: "0s" }) async join(inputs: Inputs<this>) {
    begin();
    await pause();
    this.total = inputs.reduce((total, input) => total + input.value, 0);
    this.next(this.end);
  }
  @step end() {}`,
  });

/** Who is killed; for a job: the daemon that watches it, its script, the supervisor, the task's own process. */
const victims = ["scheduler", "scheduler", "daemon", "script", "supervisor", "task"] as const;

function processOf(victim: (typeof victims)[number], { daemon, chain }: JobProcesses): number | undefined {
  switch (victim) {
    case "scheduler":
      return undefined;
    case "daemon":
      return daemon;
    case "script":
      return chain[0];
    case "supervisor":
      return chain[1];
    case "task":
      return chain[2];
  }
}

describeWith(await slurmService(), "kill -9 around jobs of Slurm", ({ env }) => {
  test.concurrent.each(seeds)(
    "of schedulers, daemons, scripts and tasks at many moments (seed %i): exact, nothing finished runs again, nothing is left",
    async (seed) => {
      const random = new Random(seed);
      const name = `Crash${randomBytes(4).toString("hex")}`;
      await using project = await Project.create({ "flow.ts": flow(name) }, { env });
      await project.write({ "rig-ledger.ts": `export const LEDGER = ${JSON.stringify(project.environment["RIG_LEDGER"])};\n` });
      const results = new Results(project);
      const begins = (task: string): number => project.ledger.filter((line) => line === `begin ${task}`).length;
      const finished = new Map<string, number>();

      let kills = 0;
      for (let code: number | null = null; code !== 0;) {
        const command = (await results.runs()).length === 0 ? "run" : "resume";
        const run = project.start([command, "flow.ts"]);
        let ended = false;
        void run.result.then(() => (ended = true));
        while (!ended && kills < KILLS) {
          const victim = victims[random.below(victims.length)] ?? "scheduler";
          const nth = random.next();
          let pid: number | undefined;
          await until(`there is a ${victim}`, () => {
            const jobs = jobsAtWork(`${name}-`, env);
            const job = jobs[Math.floor(nth * jobs.length)];
            pid = victim === "scheduler" ? (jobs.length > 0 ? run.pid : undefined) : job && processOf(victim, job);
            return ended || pid !== undefined;
          });
          await new Promise((resolve) => setTimeout(resolve, random.below(700)));
          if (ended || pid === undefined) break;
          kills++;
          killHard(pid);
          if (victim === "scheduler") break;
        }
        const result = await run.result;
        code = result.code;
        if (code === 0) break;
        expect(result.signal, result.all).toBe("SIGKILL");
        if ((await results.runs()).length === 0) continue;
        for (const task of (await results.status(`${name}/latest`)).tasks) {
          const short = shortTask(task.pathspec);
          if (task.status === "done") finished.set(short, begins(short));
        }
      }

      const { tasks } = await results.status(`${name}/latest`);
      expect(tasks.map(({ pathspec, status }) => [shortTask(pathspec), status]).toSorted()).toEqual(
        ["body/0", "body/1", "body/2", "body/3", "end/0", "join/0", "start/0"].map((task) => [task, "done"]),
      );
      expect(await results.artifact(`${name}/latest/end/0`, "total")).toBe(100);
      for (const [task, times] of finished) if (task !== "end/0") expect(begins(task), `${task} was finished and ran again`).toBe(times);
      await until("no job is left", async () => (await jobsOf(name, env)).length === 0);
    },
    240_000,
  );
});
