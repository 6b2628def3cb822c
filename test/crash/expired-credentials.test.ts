import { expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { CredentialsServer } from "../rig/credentials-server.js";
import { awsService, describeWith } from "../rig/services.js";
import { CRASH_FLOW, CRASH_TOTAL } from "./crash-flow.js";
import { openS3Place } from "./s3-place.js";

describeWith(await awsService(), "credentials that expire while a run is at work", (s3) => {
  const slow = CRASH_FLOW.replace("setTimeout(resolve, 3)", "setTimeout(resolve, 200)");

  test.concurrent("those of a container are renewed in time, and nobody hears of it", async () => {
    await using place = await openS3Place(s3, { flow: slow });
    const { project, proxy, env, results } = place;
    await using credentials = await CredentialsServer.start(1_000, (key) => proxy.expired.add(key));
    const result = await project.expectMillrace(0, ["run", "flow.ts", "--max-workers", "3"], { env: { ...env, ...credentials.env } });
    expect(result.all).not.toContain("slow or fails");
    expect(new Set(proxy.seen.map(({ accessKey }) => accessKey)).size).toBeGreaterThan(2);
    expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
  });

  test.concurrent("those of a file are read again, and the run waits until somebody has renewed them", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const write = (key: string): Promise<void> =>
      project.write({ credentials: `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\naws_session_token = token\n` });
    await write("first");
    const ofFile = {
      ...env,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SHARED_CREDENTIALS_FILE: project.path("credentials"),
    };
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env: ofFile });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.expired.add("first");
    await run.printed("the AWS credentials have expired: renew them");
    await write("second");
    const { code, all } = await run.result;
    expect(code, all).toBe(0);
    expect(proxy.seen.at(-1)?.accessKey).toBe("second");
    expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
  });

  test.concurrent("those of the environment cannot be renewed: the run ends with a word, and resume goes on with others", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env, results } = place;
    const run = project.start(["run", "flow.ts", "--max-workers", "2"], { env: { ...env, AWS_ACCESS_KEY_ID: "first" } });
    await until("tasks are at work", () => project.ledger.length > 6);
    proxy.expired.add("first");
    const { code, all } = await run.result;
    expect(code, all).toBe(1);
    expect(all).toContain("The AWS credentials are refused");
    expect(all).toContain("millrace resume flow.ts");
    await project.untilNoneLeft();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
  });

  test.concurrent("who begins with expired ones hears of it at once", async () => {
    await using place = await openS3Place(s3);
    const { project, proxy, env } = place;
    await using credentials = await CredentialsServer.start(60_000, () => {});
    proxy.expired.add("key1");
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"], { env: { ...env, ...credentials.env } });
    expect(all).toContain("s3-credentials-refused");
    expect(all).not.toContain("slow or fails");
  });
});
