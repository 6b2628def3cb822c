import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobRequest, JobState } from "../../../src/compute/remote/engine.js";
import { LocalSlurmCommands, type CommandAnswer, type SlurmCommands } from "../../../src/compute/slurm/slurm-commands.js";
import { SlurmEngine } from "../../../src/compute/slurm/slurm-engine.js";
import type { JsonObject } from "../../../src/core/json.js";
import type { RunRecord } from "../../../src/core/records.js";
import { until } from "../../rig/condition.js";
import { describeWith, slurmService } from "../../rig/services.js";
import { stepWith } from "./sample-step.js";

const slurm = await slurmService();

describeWith(slurm, "the engine on a cluster", ({ env }) => {
  let root = "";
  let run: RunRecord;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "millrace-slurm-"));
    run = { flow: "Score", run: "1" } as RunRecord;
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const environment = { ...process.env, ...env, DATABASE_PASSWORD: "secret" };
  const engineWith = (commands: SlurmCommands = new LocalSlurmCommands(), name = userInfo().username): SlurmEngine =>
    new SlurmEngine({
      commands,
      environment,
      user: name,
      defaults: {},
      sharedFolder: join(root, "shared"),
      execPath: process.execPath,
      now: Date.now,
    });

  const open = async (commands?: SlurmCommands): Promise<SlurmEngine> => {
    const engine = engineWith(commands);
    await engine.check([stepWith({ slurm: {} })], { kind: "local", root });
    return engine;
  };

  let names = 0;
  const request = (boot: string, more: Partial<JobRequest> = {}): JobRequest => ({
    name: `millrace-test-${process.pid}-${++names}`,
    step: stepWith({ slurm: {} }),
    count: 1,
    boot,
    job: JSON.stringify({
      format: 1,
      store: { kind: "local", root },
      code: { archives: [], bundle: "b", exportName: "default", project: ".", cwd: "." },
      flow: run.flow,
      run: run.run,
      tasks: "it's",
      index: 0,
    }),
    ...more,
  });

  const ended = async (engine: SlurmEngine, ids: readonly string[]): Promise<readonly JobState[]> => {
    let states = new Map<string, JobState>();
    await until(
      `${ids.join(", ")} end`,
      async () => {
        states = new Map(await engine.states(ids));
        return [...states.values()].every(({ phase }) => phase === "ended");
      },
      () => JSON.stringify([...states]),
    );
    return ids.map((id) => states.get(id) ?? { phase: "unknown" });
  };

  test("a job gets its words, prints, and ends; nothing secret goes with it", async () => {
    await using engine = await open();
    const boot = `
      process.stdout.write("größe " + JSON.parse(process.env.MILLRACE_JOB).tasks + "\\n");
      console.error(process.env.DATABASE_PASSWORD ?? "no secret", process.cwd());`;
    const ids = await engine.submit(request(boot));
    expect(await ended(engine, ids)).toEqual([{ phase: "ended" }]);
    const output = await engine.output(ids);
    expect(output).toEqual([
      { id: ids[0], stream: "stdout", text: "größe it's\n" },
      { id: ids[0], stream: "stderr", text: "no secret /\n" },
    ]);
    expect(await engine.output(ids)).toEqual([]);
    const pieces = await engine.log(ids[0] ?? "");
    expect(pieces.map(({ stream, bytes }) => [stream, Buffer.from(bytes).toString()])).toEqual([
      ["stdout", "größe it's\n"],
      ["stderr", "no secret /\n"],
    ]);
  });

  test("an array's tasks have numbers, outputs and ends of their own, and are found again by name", async () => {
    await using engine = await open();
    const boot = `
      const index = Number(process.env.SLURM_ARRAY_TASK_ID);
      console.log("task", index);
      if (index === 1) process.exit(3);
      if (index === 2) process.kill(process.pid, "SIGKILL");`;
    const asked = request(boot, { count: 4 });
    const ids = await engine.submit(asked);
    expect(ids.map((id) => id.split("_")[1])).toEqual(["0", "1", "2", "3"]);
    const states = await ended(engine, ids);
    expect(states).toMatchObject([
      { phase: "ended" },
      { failure: { code: "exited", message: expect.stringMatching(/exit code 3/) } },
      { failure: { code: "killed", message: expect.stringMatching(/killed by SIGKILL/) } },
      { phase: "ended" },
    ]);
    expect((await engine.output(ids)).map(({ text }) => text).filter((text) => text.startsWith("task"))).toEqual(
      [0, 1, 2, 3].map((index) => `task ${index}\n`),
    );
    await using another = await open();
    const found = await another.find(run, [asked.name, "another"]);
    expect(found.map(({ id, index }) => [id, index]).toSorted()).toEqual(ids.map((id, index) => [id, index]));
    expect(found.find(({ index }) => index === 1)?.state).toMatchObject({ phase: "ended", failure: { code: "exited" } });
  });

  test("what waits is taken back alone; what is at work is ended when all is to end", async () => {
    await using engine = await open();
    // More than the node's places: the last ones wait.
    const ids = await engine.submit(request(`console.log("here"); setInterval(() => {}, 1000);`, { count: 40 }));
    await until("some run and some wait", async () => {
      const phases = new Set([...(await engine.states(ids)).values()].map(({ phase }) => phase));
      return phases.has("running") && phases.has("queued");
    });
    await engine.cancel(ids, "queued");
    const states = await engine.states(ids);
    const running = ids.filter((id) => states.get(id)?.phase === "running");
    expect(running.length).toBeGreaterThan(0);
    expect(ids.filter((id) => states.get(id)?.phase === "queued")).toEqual([]);
    await engine.cancel(ids, "all");
    const ends = await ended(engine, ids);
    expect(new Set(ends.map((state) => (state.phase === "ended" ? state.failure?.code : state.phase)))).toEqual(new Set(["cancelled"]));
    // Once more is no failure.
    await engine.cancel(ids, "all");
  });

  test("a job that a node cannot begin says why", async () => {
    await using engine = await open();
    const noNode = await engine.submit(request("", { step: stepWith({ slurm: { node: "/nonexistent/node" } }) }));
    const unreachable = await engine.submit(request(`process.stderr.write("millrace: the datastore is far away\\n"); process.exit(97);`));
    expect(await ended(engine, [...noNode, ...unreachable])).toMatchObject([
      {
        failure: {
          code: "job-unstarted",
          message: expect.stringMatching(/^There is no Node on the node/),
          hint: expect.stringMatching(/@slurm\(\{ node/),
        },
      },
      { failure: { code: "job-unstarted", message: "The datastore is far away" } },
    ]);
  });

  test("lines of the step's own come first, in a shell that has read its profile", async () => {
    await using engine = await open();
    const ids = await engine.submit(
      request(`console.log(process.env.LOADED)`, { step: stepWith({ slurm: { setup: ["export LOADED='a module'"] } }) }),
    );
    expect(await ended(engine, ids)).toEqual([{ phase: "ended" }]);
    expect(await engine.output(ids)).toMatchObject([{ text: "a module\n" }]);
  });

  test("a job that nobody knows", async () => {
    await using engine = await open();
    expect((await engine.states(["99999999"])).get("99999999")).toEqual({ phase: "unknown" });
  });

  test.each<[JsonObject, RegExp, RegExp]>([
    [{ partition: "nowhere" }, /nowhere/, /sinfo -s/],
    [{ constraint: "made-of-gold" }, /feature/i, /constraint/],
    [{ gpu: 4 }, /gres|node configuration/i, /sinfo/],
    [{ cpu: 5000 }, /node configuration/i, /ask for less/],
    [{ extra: ["--no-such-option"] }, /no-such-option/, /extra/],
  ])("a step that asks for what the cluster does not have is refused before the run: %o", async (options, said, hint) => {
    await using engine = engineWith();
    await expect(engine.check([stepWith({ slurm: {} }), stepWith({ slurm: options })], { kind: "local", root })).rejects.toMatchObject({
      code: "slurm-refused",
      message: expect.stringMatching(said),
      hint: expect.stringMatching(hint),
    });
  });

  test("a machine without Slurm's commands says so", async () => {
    await using engine = new SlurmEngine({
      commands: new LocalSlurmCommands(),
      environment: { PATH: root },
      user: "ada",
      defaults: {},
      sharedFolder: root,
      execPath: process.execPath,
      now: Date.now,
    });
    await expect(engine.check([stepWith({ slurm: {} })], { kind: "local", root })).rejects.toMatchObject({ code: "slurm-missing" });
  });

  test("a cluster whose controller is away is told of before the run, and waited for in it", async () => {
    const settings = join(root, "slurm.conf");
    writeFileSync(
      settings,
      "ClusterName=away\nSlurmctldHost=localhost\nSlurmctldPort=1\nAuthType=auth/munge\nMessageTimeout=1\nNodeName=localhost\nPartitionName=main Nodes=ALL\n",
    );
    let isAway = false;
    const commands = new LocalSlurmCommands();
    const sometimes: SlurmCommands = {
      run: (command, args, { env: own, input }) =>
        commands.run(command, args, { env: isAway ? { ...own, SLURM_CONF: settings } : own, ...(input !== undefined && { input }) }),
    };
    await using engine = await open(sometimes);
    isAway = true;
    for (const call of [() => engine.states([]), () => engine.submit(request("")), () => engine.cancel(["1"], "all"), () => engine.find(run, [])]) {
      // No error of ours: it passes.
      await expect(call()).rejects.toMatchObject({
        name: expect.not.stringMatching("MillraceError"),
        message: expect.stringMatching(/Unable to contact slurm controller/),
      });
    }
    await expect(engine.check([], { kind: "local", root })).rejects.toMatchObject({ code: "slurm-unreachable" });
  });

  test("where the answer to a submission is lost, the job is not started a second time", async () => {
    const commands = new LocalSlurmCommands();
    let submissions = 0;
    const forgetful: SlurmCommands = {
      async run(command, args, options): Promise<CommandAnswer> {
        const answer = await commands.run(command, args, options);
        const isFirst = command === "sbatch" && !args.includes("--test-only") && submissions++ === 0;
        return isFirst
          ? { code: 1, stdout: "", stderr: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n" }
          : answer;
      },
    };
    await using engine = await open(forgetful);
    const noted = join(root, "started");
    const asked = request(
      `require("node:fs").appendFileSync(${JSON.stringify(noted)}, "x")`.replace("require", "(await import('node:module')).createRequire('/')"),
    );
    await expect(engine.submit(asked)).rejects.toThrow(/timed out/);
    const ids = await engine.submit(asked);
    await ended(engine, ids);
    expect([readFileSync(noted, "utf8"), submissions]).toEqual(["x", 1]);
  });

  test("what jobs printed is gone with the run's engine; the datastore has it", async () => {
    const output = join(root, "flows/Score/1/jobs/slurm/output");
    await open().then(async (engine) => {
      await engine.submit(request(""));
      expect(existsSync(output)).toBe(true);
      await engine[Symbol.asyncDispose]();
    });
    expect(existsSync(output)).toBe(false);
  });
});
