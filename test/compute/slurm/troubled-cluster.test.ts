import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startController, stopController } from "../../../scripts/services/slurm.mjs";
import type { RunEvent } from "../../../src/core/run-event.js";
import { jobsOf } from "../conformance/slurm-place.js";
import { jobsAtWork } from "./job-processes.js";
import { until } from "../../rig/condition.js";
import { flowText } from "../../rig/flow-text.js";
import { killHard } from "../../rig/processes.js";
import { Project } from "../../rig/project.js";
import { Results } from "../../rig/results.js";
import { describeWith, troubledSlurmService } from "../../rig/services.js";

const exec = promisify(execFile);

/** Long, because a loaded machine is no failure. */
const PATIENCE_MS = 240_000;

/** Each step meets something else. */
const troubled = (name: string, head: string): string =>
  flowText({
    name,
    imports: "catchError, current, retry, slurm, type Inputs",
    head,
    fields: "devices!: string; problem?: Error; all!: string[];",
    steps: `
  @step start() { this.next(this.frail, this.preempted, this.requeued, this.greedy, this.held, this.orphaned, this.fan); }
  @step @slurm({ partition: "frail" }) @retry({ times: 1, delay: "0s" })
  async frail() { await gate("frail " + current.retryCount); this.next(this.meet); }
  @step @slurm({ partition: "low", cpu: 8 }) @retry({ times: 1, delay: "0s" })
  async preempted() { await gate("preempted " + current.retryCount); this.next(this.meet); }
  @step @slurm({ partition: "gpus", extra: ["--requeue"] })
  async requeued() {
    console.log("start " + (process.env.SLURM_RESTART_COUNT ?? "0"));
    await gate("requeued " + (process.env.SLURM_RESTART_COUNT ?? "0"));
    this.next(this.meet);
  }
  @step @slurm({ partition: "gpus", memory: 400 }) @catchError({ var: "problem" })
  async greedy() {
    const eaten: Buffer[] = [];
    while (eaten.length < 100) {
      eaten.push(Buffer.alloc(50_000_000, 1));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    this.next(this.meet);
  }
  @step @slurm({ partition: "gpus", extra: ["--hold"] }) held() { this.next(this.meet); }
  @step @slurm({ partition: "gpus" }) @retry({ times: 1, delay: "0s" })
  async orphaned() { await gate("orphaned " + current.retryCount); this.next(this.meet); }
  @step fan() { this.next(this.device, { foreach: [1, 2] }); }
  @step @slurm({ partition: "gpus", gpu: 1 })
  async device(number: number) {
    await gate("device " + number);
    this.devices = process.env.CUDA_VISIBLE_DEVICES ?? "none";
    this.next(this.collect);
  }
  @step collect(inputs: Inputs<this>) { this.all = inputs.map((input) => input.devices); this.next(this.meet); }
  @step meet(inputs: Inputs<this>) { this.mergeArtifacts(inputs, { include: ["problem", "all"] }); this.next(this.end); }
  @step end() {}`,
  });

/** A job, then another: between the two the cluster's controller is needed. */
const twoSteps = (name: string, head: string): string =>
  flowText({
    name,
    imports: "slurm",
    head,
    steps: `
  @step @slurm async start() { await gate("start"); this.next(this.end); }
  @step @slurm async end() {}`,
  });

const stranded = (name: string): string =>
  flowText({
    name,
    imports: "slurm, type Inputs",
    steps: `
  @step start() { this.next(this.body, { foreach: [1, 2, 3, 4, 5, 6, 7] }); }
  @step @slurm({ partition: "away" }) body(number: number) { void number; this.next(this.join); }
  @step join(inputs: Inputs<this>) { void inputs; this.next(this.end); }
  @step end() {}`,
  });

const closed = (name: string): string =>
  flowText({
    name,
    imports: "slurm",
    steps: `
  @step @slurm({ partition: "gpus", gpu: 3 }) start() { this.next(this.end); }
  @step end() {}`,
  });

describeWith(await troubledSlurmService(), "a cluster on which things go wrong", ({ env }) => {
  const cluster = async (command: string, ...args: readonly string[]): Promise<string> =>
    (await exec(command, args, { env: { ...process.env, ...env } })).stdout;

  async function inProject(flow: (name: string, head: string) => string, work: (project: Project, name: string) => Promise<void>): Promise<void> {
    const name = `Troubled${randomBytes(4).toString("hex")}`;
    await using project = await Project.create({}, { env, patienceMs: PATIENCE_MS });
    await project.write({ "flow.ts": flow(name, `process.env.RIG_GATES = "${project.gates.port}";`) });
    try {
      await work(project, name);
    } catch (error) {
      // What is still at work must not hide why.
      for (const pid of project.processes) killHard(pid);
      throw error;
    }
  }

  test.concurrent(
    "jobs that lose their node, make room, are started again, held, or use too much memory: each in its words, and the run is whole",
    () =>
      inProject(troubled, async (project, name) => {
        const run = project.start(["run", "flow.ts", "--json"]);
        const jobOf = async (task: string): Promise<string> => {
          await run.event("task-queued", task);
          return (
            run.events.flatMap((event) => (event.type === "task-queued" && event.task.pathspec.endsWith(`/${task}`) ? [event.job] : []))[0] ?? ""
          );
        };
        const failed = async (task: string): Promise<RunEvent | undefined> => {
          await run.event("task-failed", task);
          return run.events.find((event) => event.type === "task-failed" && event.task.pathspec.endsWith(`/${task}`));
        };

        const losesNode = (async () => {
          await project.gates.reached("frail 0");
          await cluster("scontrol", "update", "NodeName=frail", "State=DOWN", "Reason=a power cut");
          const event = await failed("frail/0");
          // It may have come back by itself: then it cannot be resumed.
          await cluster("scontrol", "update", "NodeName=frail", "State=RESUME").catch(() => {});
          return event;
        })();
        const makesRoom = (async () => {
          await project.gates.reached("preempted 0");
          await cluster("sbatch", "--partition=high", "--cpus-per-task=8", "--output=/dev/null", "--wrap=exit");
          return failed("preempted/0");
        })();
        const startsAgain = (async () => {
          const job = await jobOf("requeued/0");
          await project.gates.reached("requeued 0");
          await cluster("scontrol", "requeue", job);
          await until("it waits again", () => queuedAgain(run.events).includes(job));
          // Slurm would let it wait for two minutes; within the same second a node refuses a job that it has just ended.
          await until("it may start again", () =>
            cluster("scontrol", "update", `JobId=${job}`, "StartTime=now+2").then(
              () => true,
              () => false,
            ),
          );
        })();
        const losesScript = (async () => {
          await project.gates.reached("orphaned 0");
          const script = jobsAtWork(`${name}-1-orphaned-`, env)[0]?.chain[0];
          if (script === undefined) throw new Error("the job has no script");
          killHard(script);
          const event = await failed("orphaned/0");
          // Nothing opens its gate: it has to go by itself.
          await project.gates.when("the task has gone", () => !project.gates.waiting.includes("orphaned 0"));
          return event;
        })();
        const isHeld = (async () => {
          const job = await jobOf("held/0");
          await until("it is said that the job is held", () => noticesIn(run.events).some((text) => text.includes(`job ${job}) is held`)));
          await cluster("scontrol", "release", job);
        })();
        await Promise.all([project.gates.reached("device 1"), project.gates.reached("device 2"), isHeld, startsAgain]);
        const [nodeFailed, preempted, killed] = await Promise.all([losesNode, makesRoom, losesScript]);
        project.gates.openAll();
        const { code, all } = await run.result;
        expect(code, all).toBe(0);

        expect(nodeFailed).toMatchObject({
          failure: { code: "job-lost", name: "NodeFailed", message: expect.stringMatching(/^The node of the task's job \d+, frail, failed\.$/) },
          retriesLeft: 1,
        });
        expect(preempted).toMatchObject({
          failure: { code: "job-lost", name: "JobPreempted", message: expect.stringMatching(/^The task's job \d+ had to make room on steady for/) },
          retriesLeft: 1,
        });
        expect(killed).toMatchObject({
          failure: { code: "killed", message: expect.stringMatching(/^The task's job \d+ was killed by SIGKILL on gpus\.$/) },
          retriesLeft: 1,
        });
        const { tasks } = await new Results(project).status(`${name}/1`);
        const attempts = Object.fromEntries(tasks.map(({ pathspec, attempt }) => [pathspec.split("/").slice(2).join("/"), attempt]));
        // Who is started again by Slurm goes on with the same attempt.
        expect(attempts).toMatchObject({ "frail/0": 1, "preempted/0": 1, "orphaned/0": 1, "requeued/0": 0 });
        const results = new Results(project);
        expect(await results.logs(`${name}/1/requeued/0`, "--stdout")).toBe("start 1\n");
        expect(JSON.stringify(await results.artifact(`${name}/1/end`, "problem"))).toMatch(
          /more memory than it had asked for on gpus: \d+ of 400 MB/,
        );
        expect([...((await results.artifact(`${name}/1/end`, "all")) as string[])].toSorted()).toEqual(["0", "1"]);
        expect(noticesIn(run.events).filter((text) => text.includes("is held"))).toEqual([
          expect.stringMatching(/^held\/0 \(Slurm job \d+\) is held: “scontrol release”.*\(JobHeldUser, partition gpus\)$/),
        ]);
        await until("no job is left", async () => (await jobsOf(name, env)).length === 0);
      }),
    PATIENCE_MS,
  );

  test.concurrent(
    "jobs for nodes that are drained wait, in arrays as large as may be; why is said once, and Ctrl-C takes them back",
    () =>
      inProject(stranded, async (project, name) => {
        const run = project.start(["run", "flow.ts", "--json"]);
        await until("it is said what they wait for", () => noticesIn(run.events).length > 0);
        const jobs = run.events.flatMap((event) => (event.type === "task-queued" ? [event.job.replace(/^\d+/, "")] : []));
        expect(jobs.toSorted()).toEqual(["_0", "_0", "_1", "_1", "_2", "_3", "_4"]);
        expect(noticesIn(run.events)).toEqual([
          expect.stringMatching(/^body\/\d \(Slurm job \d+_\d\) waits for nodes that are down, drained or reserved; “sinfo -R” says why/),
        ]);
        run.signal("SIGINT");
        expect((await run.result).code).toBe(130);
        await until("no job is left", async () => (await jobsOf(name, env)).length === 0);
      }),
    PATIENCE_MS,
  );

  test.concurrent("more GPUs than nodes have are refused before the run, also where other nodes are drained", () =>
    inProject(closed, async (project) => {
      const { all } = await project.expectMillrace(2, ["run", "flow.ts"]);
      expect(all).toMatch(/Slurm refuses the job of start: .*not available.*slurm-refused\n.*sinfo/);
    }));

  test(
    "a controller that stops does not stop what runs, and what comes next waits for it",
    () =>
      inProject(twoSteps, async (project) => {
        // Commands that give up sooner.
        const settings = project.path("slurm.conf");
        await writeFile(settings, `${await readFile(env["SLURM_CONF"] ?? "", "utf8")}MessageTimeout=1\n`);
        const run = project.start(["run", "flow.ts", "--json"], { env: { SLURM_CONF: settings } });
        await project.gates.reached("start");
        try {
          await stopController();
          project.gates.openAll();
          await run.event("task-done", "start/0");
          await until("it is said that Slurm does not answer", () => noticesIn(run.events).some((text) => text.includes("Slurm does not answer")));
        } finally {
          await startController();
        }
        const { code, all } = await run.result;
        expect(code, all).toBe(0);
        expect(noticesIn(run.events)).toEqual([
          expect.stringMatching(/^Slurm does not answer \(.*Unable to contact slurm controller.*\)\. What was started there goes on/),
          "Slurm answers again.",
        ]);
      }),
    PATIENCE_MS,
  );
});

function noticesIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
}

function queuedAgain(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "task-queued" && event.again === true ? [event.job] : []));
}
