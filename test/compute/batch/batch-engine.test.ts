import { describe, expect, test } from "vitest";
import { reachEngine } from "../../../src/compute/remote/reach-engine.js";
import type { JobRequest } from "../../../src/compute/remote/engine.js";
import type { DecoratorUse } from "../../../src/core/definition.js";
import type { GraphStep } from "../../../src/core/graph.js";
import { FakeAws } from "./fake-aws.js";

function step(options: DecoratorUse["options"] = {}, resources?: DecoratorUse["options"]): GraphStep {
  return {
    name: "score",
    kind: "linear",
    next: ["end"],
    takes: "nothing",
    splits: [],
    loops: false,
    lost: [],
    decorators: [
      { name: "batch", options, from: "code" },
      ...(resources === undefined ? [] : [{ name: "resources", options: resources, from: "code" as const }]),
    ],
  };
}

function request(given: Partial<JobRequest> = {}): JobRequest {
  return { name: "Demo-1-score-0-0-abc", step: step(), count: 1, boot: "boot", job: '{"format":1}', ...given };
}

const S3 = { kind: "s3", url: "s3://bucket/runs" } as const;

describe("starting jobs", () => {
  test("ten thousand tasks are one request, and what describes their jobs is registered once for all runs", async () => {
    await using aws = await FakeAws.start();
    const ids = await aws.engine().submit(request({ count: 10_000, timeoutMs: 90_000 }));
    expect(ids).toHaveLength(10_000);
    expect(ids.at(-1)).toBe("job-0:9999");
    await aws.engine().submit(request());
    expect(aws.counts).toEqual({ describejobdefinitions: 2, registerjobdefinition: 1, submitjob: 2 });
    const [, , first] = aws.calls;
    expect(first?.input).toMatchObject({
      jobName: "Demo-1-score-0-0-abc",
      jobQueue: "main",
      arrayProperties: { size: 10_000 },
      containerOverrides: { environment: [{ name: "MILLRACE_JOB", value: '{"format":1}' }] },
      // The task's own limit ends it, with better words; AWS's stands behind it.
      timeout: { attemptDurationSeconds: 210 },
    });
  });

  test("what a step asks for is in its job definition, the larger of @batch and @resources", async () => {
    await using aws = await FakeAws.start();
    const asked = step(
      { cpu: 1.5, memory: 2000, image: "mine:1", jobRole: "arn:job", tmpfs: 100, gpu: 1 },
      { cpu: 1, memory: 8000, sharedMemory: 64 },
    );
    await aws.engine().submit(request({ step: asked }));
    expect([...aws.definitions.values()]).toEqual([
      expect.objectContaining({
        retryStrategy: { attempts: 1 },
        containerProperties: {
          image: "mine:1",
          command: ["node", "--input-type=module", "-e", "boot"],
          jobRoleArn: "arn:job",
          environment: [{ name: "TMPDIR", value: "/millrace-tmp" }],
          linuxParameters: { sharedMemorySize: 64, tmpfs: [{ containerPath: "/millrace-tmp", size: 100 }] },
          resourceRequirements: [
            { type: "VCPU", value: "2" },
            { type: "MEMORY", value: "8000" },
            { type: "GPU", value: "1" },
          ],
        },
      }),
    ]);
  });

  test("on Fargate, sizes are rounded up to those there are, and what it lacks is refused before the run", async () => {
    await using aws = await FakeAws.start();
    aws.environmentType = "FARGATE_SPOT";
    const engine = aws.engine({ queue: "main", executionRole: "arn:exec" });
    await engine.check([step({ cpu: 1, memory: 9000 })], S3);
    await engine.submit(request({ step: step({ cpu: 1, memory: 9000 }) }));
    const [definition] = aws.definitions.values();
    expect(definition).toMatchObject({
      platformCapabilities: ["FARGATE"],
      containerProperties: {
        executionRoleArn: "arn:exec",
        networkConfiguration: { assignPublicIp: "ENABLED" },
        resourceRequirements: [
          { type: "VCPU", value: "2" },
          { type: "MEMORY", value: "9216" },
        ],
      },
    });
    await expect(engine.check([step({ gpu: 1 })], S3)).rejects.toMatchObject({ code: "batch-not-on-fargate" });
    await expect(engine.check([step({ memory: 200_000 })], S3)).rejects.toMatchObject({ code: "batch-too-large-for-fargate" });
    await expect(aws.engine().check([step()], S3)).rejects.toMatchObject({ code: "batch-role-missing" });
  });

  test("what a job is told stays under AWS's limit, or is refused with the step's name", async () => {
    await using aws = await FakeAws.start();
    await expect(aws.engine().submit(request({ job: "x".repeat(8_200) }))).rejects.toMatchObject({
      code: "batch-job-too-large",
      message: expect.stringContaining("score"),
    });
  });
});

describe("before a run", () => {
  test("a datastore on this machine, no queue, an unknown one, one that is disabled", async () => {
    await using aws = await FakeAws.start();
    await expect(aws.engine().check([step()], { kind: "local", root: "/tmp/x" })).rejects.toMatchObject({
      code: "batch-datastore-local",
      exitCode: 2,
    });
    await expect(aws.engine({}).check([step()], S3)).rejects.toMatchObject({ code: "batch-queue-missing" });
    await expect(aws.engine().check([step({ queue: "mian" })], S3)).rejects.toMatchObject({
      code: "batch-queue-unknown",
      message: "There is no AWS Batch job queue mian in eu-west-1.",
      hint: "Did you mean main?",
    });
    aws.queues[0] = { ...aws.queues[0], state: "DISABLED" };
    await expect(aws.engine().check([step()], S3)).rejects.toMatchObject({ code: "batch-queue-disabled" });
  });

  test("nobody answers", async () => {
    const aws = await FakeAws.start();
    const engine = aws.engine();
    await aws.close();
    await expect(reachEngine(engine, () => engine.check([step()], S3))).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("AWS Batch does not answer: connect ECONNREFUSED"),
    });
    await aws[Symbol.asyncDispose]();
  });

  test.each([
    ["describejobqueues", "batch:DescribeJobQueues"],
    ["registerjobdefinition", "batch:RegisterJobDefinition"],
    ["submitjob", "batch:SubmitJob"],
    ["describejobs", "batch:DescribeJobs"],
  ])("no permission for %s is said with the action", async (refused, action) => {
    await using aws = await FakeAws.start();
    aws.refusals.set(refused, { name: "AccessDeniedException", message: "User: arn:aws:iam::1:user/ada is not authorized", status: 403 });
    const engine = aws.engine();
    const work = async (): Promise<void> => {
      await engine.check([step()], S3);
      await engine.states(await engine.submit(request()));
    };
    await expect(work()).rejects.toMatchObject({ code: "batch-denied", message: expect.stringContaining(action) });
  });
});

describe("looking at jobs", () => {
  test("a thousand that run cost 20 requests a look, output included", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const ids: string[] = [];
    for (let index = 0; index < 1_000; index++) ids.push(...(await engine.submit(request({ name: `job${index}` }))));
    for (const id of ids) Object.assign(aws.job(id), { status: "RUNNING", container: { logStreamName: `stream/${id}` } });
    const before = engine.requests;
    const states = await engine.states(ids);
    await engine.output(ids);
    expect(new Set([...states.values()].map(({ phase }) => phase))).toEqual(new Set(["running"]));
    expect(engine.requests - before).toBe(20);
  });

  test("an array of ten thousand costs one request while nothing changes, and few when something does", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const ids = await engine.submit(request({ count: 10_000 }));
    const look = async (): Promise<{ readonly cost: number; readonly phases: readonly string[] }> => {
      const before = engine.requests;
      const states = await engine.states(ids);
      return { cost: engine.requests - before, phases: ids.map((id) => states.get(id)?.phase ?? "") };
    };
    expect(await look()).toMatchObject({ cost: 1 });
    for (let index = 0; index < 300; index++)
      Object.assign(aws.element("job-0", index), { status: "RUNNING", container: { logStreamName: `s${index}` } });
    // Counted, listed, and described for their streams.
    const began = await look();
    expect(began.cost).toBe(5);
    expect(began.phases.filter((phase) => phase === "running")).toHaveLength(300);
    expect((await look()).cost).toBe(1);
    for (let index = 0; index < 100; index++) aws.element("job-0", index).status = "SUCCEEDED";
    Object.assign(aws.element("job-0", 100), {
      status: "FAILED",
      container: { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
    });
    const ended = await look();
    expect(ended.cost).toBe(4);
    expect(ended.phases.slice(0, 102)).toEqual([...Array.from({ length: 101 }, () => "ended"), "running"]);
    expect((await engine.states(["job-0:100"])).get("job-0:100")).toMatchObject({ failure: { code: "out-of-memory" } });
    // One that was never seen at work.
    aws.element("job-0", 9_999).status = "SUCCEEDED";
    expect((await look()).phases.at(-1)).toBe("ended");
  });

  test("a job that waits for long is told of, with AWS's words where there are any", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const [id = ""] = await engine.submit(request());
    expect((await engine.states([id])).get(id)).toEqual({ phase: "queued" });
    aws.now += 6 * 60_000;
    expect((await engine.states([id])).get(id)).toMatchObject({ note: expect.stringContaining("queue main") });
    aws.job(id).statusReason = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - no instance type has 900 GB";
    expect((await engine.states([id])).get(id)).toMatchObject({ note: expect.stringContaining("no instance type has 900 GB") });
  });

  test("output comes while jobs run, each line once, late ones too, and before a stream is there nothing", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const [id = ""] = await engine.submit(request());
    Object.assign(aws.job(id), { status: "RUNNING", container: { logStreamName: "s" } });
    await engine.states([id]);
    expect(await engine.output([id])).toEqual([]);
    const { now } = aws;
    aws.events.set("s", [{ eventId: "1", timestamp: now, message: "erste Zeile" }]);
    expect(await engine.output([id])).toEqual([{ id, stream: "stdout", text: "erste Zeile\n", time: now }]);
    aws.events.get("s")?.push({ eventId: "2", timestamp: now - 9_000, message: "late" }, { eventId: "3", timestamp: now + 1_000, message: "second" });
    expect((await engine.output([id])).map(({ text }) => text)).toEqual(["late\n", "second\n"]);
    expect(await engine.output([id])).toEqual([]);
    expect((await engine.log(id)).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["erste Zeile\n", "late\n", "second\n"]);
    aws.refusals.set("filterlogevents", { name: "ResourceNotFoundException", message: "The specified log stream does not exist." });
    expect(await engine.output([id])).toEqual([]);
  });

  test("what one job prints is read once, however long another one beside it is silent", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const ids = await engine.submit(request({ count: 2 }));
    for (const index of [0, 1]) Object.assign(aws.element("job-0", index), { status: "RUNNING", container: { logStreamName: `s${index}` } });
    await engine.states(ids);
    const events: { eventId: string; timestamp: number; message: string }[] = [];
    aws.events.set("s0", []).set("s1", events);
    const shown: string[] = [];
    for (let second = 0; second < 300; second += 5) {
      aws.now += 5_000;
      events.push({ eventId: String(second), timestamp: aws.now, message: `second ${second}` });
      shown.push(...(await engine.output(ids)).map(({ text }) => text));
    }
    expect(shown).toEqual(events.map(({ message }) => `${message}\n`));
    // No more is asked for each time than what may have come late.
    const starts = aws.calls.flatMap(({ action, input }) => (action === "filterlogevents" ? [Number(input["startTime"])] : []));
    expect(aws.now - (starts.at(-1) ?? 0)).toBeLessThan(60_000);
    aws.events.get("s0")?.push({ eventId: "a", timestamp: aws.now, message: "at last" });
    expect((await engine.output(ids)).map(({ text }) => text)).toEqual(["at last\n"]);
  });
});

describe("ending jobs", () => {
  test("an array is ended as one; single elements alone when others go on", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const ids = await engine.submit(request({ count: 100 }));
    await engine.cancel(ids.slice(0, 2), "all", "because");
    expect(aws.counts["terminatejob"]).toBe(2);
    await engine.states(ids);
    await engine.cancel(ids.slice(2), "all", "because");
    expect(aws.counts["terminatejob"]).toBe(3);
    expect([...(await engine.states(ids)).values()].every(({ phase }) => phase === "ended")).toBe(true);
  });

  test("what has not begun is taken back, what runs goes on", async () => {
    await using aws = await FakeAws.start();
    const engine = aws.engine();
    const ids = await engine.submit(request({ count: 3 }));
    aws.element("job-0", 1).status = "RUNNING";
    await engine.states(ids);
    await engine.cancel(["job-0:0", "job-0:2"], "queued", "because");
    expect([...(await engine.states(ids)).values()].map(({ phase }) => phase)).toEqual(["ended", "running", "ended"]);
  });
});
