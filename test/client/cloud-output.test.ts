import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FakeAws } from "../compute/batch/fake-aws.js";
import { RemoteProject } from "../compute/remote/remote-project.js";
import { flowText } from "../rig/flow-text.js";

const flow = flowText({
  imports: "batch",
  steps: `
  @step @batch async start() {
    console.log("first");
    console.error("of stderr");
    await gate("one");
    console.log("second");
    this.next(this.end);
  }
  @step end() {}`,
});

describe("a job whose output grows in CloudWatch", () => {
  /** A run whose job is at its gate, and an AWS that has what it has printed. */
  async function atGate(remote: RemoteProject, aws: FakeAws) {
    const run = remote.start(["run"], { TEST_CLOUDWATCH: "eu-west-1" });
    await remote.project.gates.reached("one");
    const stream = readdirSync(remote.project.path("jobs")).find((name) => name !== "calls") ?? "";
    const timestamp = Date.now();
    const events = [
      { eventId: "1", timestamp, message: "first" },
      { eventId: "2", timestamp, message: "of stderr" },
    ];
    aws.events.set(stream, events);
    const env = { AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    return { run, events, env };
  }

  test("is read along from there; at the end each line has been shown once, also what came late or never", async () => {
    await using aws = await FakeAws.start();
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const { project } = remote;
    const { run, events, env } = await atGate(remote, aws);
    const follower = project.start(["logs", "Demo/1", "--follow"], { env });
    const errors = project.start(["logs", "Demo/1/start/0", "--follow", "--stderr"], { env });
    await follower.printed("of stderr");
    events.push({ eventId: "3", timestamp: Date.now(), message: "a later line" });
    await follower.printed("a later line");
    expect((await project.expectMillrace(0, ["logs", "Demo/1/start/0"], { env })).stdout).toBe("first\nof stderr\na later line\n");
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
    const { stdout, code } = await follower.result;
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.replace(/^\[.*?\] /, ""))).toEqual(["first", "of stderr", "a later line", "second", ""]);
    expect((await errors.result).stdout).toBe("of stderr\n");
    // Requests cost.
    expect(aws.counts["filterlogevents"]).toBeLessThan(20);
  });

  test("is shown when it has ended where it cannot be read, and why is said once", async () => {
    await using aws = await FakeAws.start();
    await using remote = await RemoteProject.create({ "flow.ts": flow });
    const { project } = remote;
    const { run, env } = await atGate(remote, aws);
    aws.refusals.set("filterlogevents", { name: "AccessDeniedException", message: "not authorized" });
    const follower = project.start(["logs", "Demo/1", "--follow"], { env });
    await follower.printed("cannot be read from here");
    project.gates.openAll();
    expect((await run.result).code).toBe(0);
    const { stdout, all } = await follower.result;
    expect(stdout.match(/first|of stderr|second/g)?.toSorted()).toEqual(["first", "of stderr", "second"]);
    expect(all.match(/cannot be read from here/g)).toHaveLength(1);
    expect(all).toContain("logs:FilterLogEvents");
  });
});
