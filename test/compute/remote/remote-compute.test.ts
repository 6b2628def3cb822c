import { describe, expect, test } from "vitest";
import type { RunningCommand } from "../../rig/command.js";
import { flowText, lineOf } from "../../rig/flow-text.js";
import { RemoteProject } from "./remote-project.js";

const flow = flowText({
  imports: "batch, local, retry, timeout, type Inputs",
  fields: "doubled!: number; sum!: number;",
  steps: `
  @step @local start() { this.next(this.body, { foreach: [1, 2, 3] }); }
  @step @batch @retry({ times: Number(process.env.TIMES ?? 0), delay: "1ms", if: (error) => { note("asked"); return !String(error).includes("no more"); } }) async body(n: number) {
    console.log("körper " + n);
    console.error("err " + n);
    note("body " + n);
    if (process.env.GATE) await gate("body " + n);
    if (process.env.BREAK === String(n)) throw new RangeError(process.env.WORDS ?? "not " + n);
    if (process.env.HANG === String(n)) while (true);
    if (process.env.DIE === String(n)) {
      await gate("die");
      process.kill(process.ppid, "SIGKILL");
      while (true);
    }
    this.doubled = n * 2;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.doubled, 0); this.next(this.end); }
  @step end() {}`,
});

function outputOf(command: RunningCommand, task: string): (readonly [string, string])[] {
  return command.events.flatMap((event) =>
    event.type === "task-output" && event.task.pathspec.endsWith(`/${task}`)
      ? event.text
          .split("\n")
          .filter(Boolean)
          .map((line) => [event.stream, line] as const)
      : [],
  );
}

function failureOf(command: RunningCommand): { readonly code: string; readonly message: string } | undefined {
  const failed = command.events.find((event) => event.type === "task-failed");
  return failed?.type === "task-failed" ? failed.failure : undefined;
}

describe("jobs", () => {
  test("a fan-out goes out as one array, and comes back as if it had run at home", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const { command } = await remote.expectEnd(0, ["run"]);
    expect(remote.submissions).toEqual([3]);
    expect(await remote.results.artifact("Demo/1/end/0", "sum")).toBe(12);
    expect(outputOf(command, "body/1").toSorted()).toEqual([
      ["stderr", "err 2"],
      ["stdout", "körper 2"],
    ]);
    const { all } = await remote.project.expectMillrace(0, ["logs", "Demo/1/body/1"]);
    expect(all.split("\n").filter(Boolean).toSorted()).toEqual(["err 2", "körper 2"]);
  });

  test("--max-workers, when it is said, holds for jobs too", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    await remote.expectEnd(0, ["run"], { MILLRACE_MAX_WORKERS: "1" });
    expect(remote.submissions).toEqual([1, 1, 1]);
  });

  test("a failure has the TypeScript line and the output, and asks the step's own retry.if once", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const { command } = await remote.expectEnd(1, ["run"], { BREAK: "2", TIMES: "1" });
    expect(failureOf(command)).toMatchObject({
      code: "exception",
      name: "RangeError",
      message: "not 2",
      frames: [{ line: lineOf(flow, "new RangeError") }],
    });
    expect(remote.project.ledger.filter((line) => line === "asked")).toEqual(["asked"]);
    expect(remote.submissions).toEqual([3, 1]);
    const again = await remote.expectEnd(1, ["run"], { BREAK: "2", TIMES: "1", WORDS: "no more" });
    expect(again.command.events.filter((event) => event.type === "task-failed").map((event) => "retryInMs" in event)).toEqual([false]);
  });

  test("a job that is killed fails its attempt in the engine's words, keeps what it printed, and is tried again", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const command = remote.start(["run"], { DIE: "3", TIMES: "1" });
    await command.event("task-output", "body/2");
    remote.project.gates.openAll();
    expect((await command.result).code).toBe(1);
    expect(failureOf(command)).toMatchObject({ code: "killed", message: "The job was killed." });
    const { all } = await remote.project.expectMillrace(0, ["logs", "Demo/1/body/2", "--attempt", "0"]);
    expect(all).toContain("körper 3");
    expect(remote.submissions).toEqual([3, 1]);
  });

  test("while nothing answers, the run waits, says so once, and goes on", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const command = remote.start(["run"], { GATE: "1" });
    await Promise.all([1, 2, 3].map((n) => remote.project.gates.reached(`body ${n}`)));
    const up = await remote.while("down");
    await command.printed("does not answer (the network is down)");
    remote.project.gates.openAll();
    await up();
    expect((await command.result).code).toBe(0);
    expect(command.output.match(/does not answer/g)).toHaveLength(1);
    expect(command.output).toContain("answers again");
  });

  test("Ctrl-C ends the jobs, those that run and those that wait", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const command = remote.start(["run"], { GATE: "1", MILLRACE_MAX_WORKERS: "2" });
    await Promise.all([1, 2].map((n) => remote.project.gates.reached(`body ${n}`)));
    command.signal("SIGINT");
    expect((await command.result).code).toBe(130);
    expect(remote.submissions).toEqual([2]);
    const resumed = await remote.expectEnd(0, ["resume"]);
    expect(resumed.command.events.some((event) => event.type === "tasks-reused" && event.step === "start")).toBe(true);
    expect(await remote.results.artifact("Demo/2/end/0", "sum")).toBe(12);
  });

  test("jobs that wait in the queue are taken back when the run is stopped", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    await remote.while("hold");
    const command = remote.start(["run"]);
    await command.event("task-queued", "body/2");
    command.signal("SIGINT");
    expect((await command.result).code).toBe(130);
    expect(remote.project.ledger).toEqual([]);
  });

  test("a second Ctrl-C does not wait for jobs, but has asked for their end", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const command = remote.start(["run"], { HANG: "1" });
    await command.event("task-done", "body/1");
    await command.event("task-done", "body/2");
    command.signal("SIGINT");
    await command.event("interrupted");
    command.signal("SIGINT");
    expect((await command.result).code).toBe(130);
  });
});

describe("a scheduler that was killed", () => {
  /** Kills the scheduler while all three jobs are at their gates. */
  async function killed(remote: RemoteProject, args: readonly string[]): Promise<void> {
    const command = remote.start(args, { GATE: "1" });
    await Promise.all([1, 2, 3].map((n) => remote.project.gates.reached(`body ${n}`)));
    command.signal("SIGKILL");
    await command.result;
  }

  test("its jobs are found again: resume waits for them and takes their results, and starts none twice", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    await killed(remote, ["run"]);
    const resumed = remote.start(["resume"], { GATE: "1" });
    await resumed.printed("3 jobs of Demo/1 are still at work on The test's engine");
    await resumed.event("task-started", "body/2");
    remote.project.gates.openAll();
    expect((await resumed.result).code).toBe(0);
    expect(remote.submissions).toEqual([3]);
    expect(remote.project.ledger.toSorted()).toEqual(["body 1", "body 2", "body 3"]);
    expect(await remote.results.artifact("Demo/2/end/0", "sum")).toBe(12);
    expect(outputOf(resumed, "body/1").toSorted()).toEqual([
      ["stderr", "err 2"],
      ["stdout", "körper 2"],
    ]);
    const { all } = await remote.project.expectMillrace(0, ["logs", "Demo/2/body/1"]);
    expect(all).toContain("körper 2");
    // The adopted results stand by themselves.
    expect((await remote.project.expectMillrace(0, ["dump", "Demo/2/body/0", "--json"])).stdout).toContain('{"doubled":2}');
  });

  test("also when the run that resumed it was killed in its turn, and a job ended in between", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    await killed(remote, ["run"]);
    const second = remote.start(["resume"], { GATE: "1" });
    await second.event("task-started", "body/2");
    second.signal("SIGKILL");
    await second.result;
    remote.project.gates.open("body 1");
    await remote.ended(0);
    const third = remote.start(["resume"], { GATE: "1" });
    await third.printed("2 jobs of Demo/1 are still at work");
    remote.project.gates.openAll();
    expect((await third.result).code).toBe(0);
    expect(remote.submissions).toEqual([3]);
    expect(await remote.results.artifact("Demo/3/end/0", "sum")).toBe(12);
  });

  test("resume of a step ends the jobs that it makes useless, and starts its own", async () => {
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    await killed(remote, ["run"]);
    const { command } = await remote.expectEnd(0, ["resume", "body"]);
    expect(command.output).not.toContain("still at work");
    expect(remote.submissions).toEqual([3, 3]);
  });
});
