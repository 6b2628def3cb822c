import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchClient, DescribeJobsCommand, ListJobsCommand } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { awsService, describeWith } from "../rig/services.js";

const TOKEN = 'tok<en> "of" 2026';
const PASSWORD = "correct-horse-battery";

/** Every byte that the project's datastore keeps. */
async function kept(project: Project): Promise<string> {
  const folder = project.path(".millrace");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")));
  return texts.join("\n");
}

function expectHidden(text: string): void {
  for (const value of [TOKEN, JSON.stringify(TOKEN).slice(1, -1), "tok&lt;en&gt;", PASSWORD]) expect(text).not.toContain(value);
}

const files = {
  "db.env": `# the database\nDB_USER=admin-of-all\nDB_PASSWORD="${PASSWORD}"\n`,
  "key.json": JSON.stringify({ "api.key": PASSWORD, port: 5432 }),
};

describe("@secrets", () => {
  test("stand in the environment of the step alone", async () => {
    await using project = await Project.create({
      ...files,
      "flow.ts": flowText({
        imports: "secrets",
        fields: "found!: (boolean | number)[];",
        steps: `
  @step @secrets({ sources: ["env:TOKEN", "file:db.env", { type: "file", path: "key.json", prefix: "K_" }] })
  start() {
    const { TOKEN, DB_USER, DB_PASSWORD, K_api_key, K_port } = process.env;
    this.found = [TOKEN!.length, DB_USER!.length, DB_PASSWORD!.length, K_api_key === DB_PASSWORD, Number(K_port) * 2];
    this.next(this.end);
  }
  @step end() { note(JSON.stringify([this.found, process.env.DB_PASSWORD ?? "gone", process.env.TOKEN!.length])); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"], { env: { TOKEN } });
    expect(project.ledger).toEqual([JSON.stringify([[TOKEN.length, 12, PASSWORD.length, true, 10864], "gone", TOKEN.length])]);
    expectHidden(await kept(project));
  });

  test("are hidden in what the step, its child processes and its errors say, shown or kept, also in parts", async () => {
    await using project = await Project.create({
      ...files,
      "flow.ts": flowText({
        imports: "card, current, retry, secrets",
        head: 'import { execFileSync } from "node:child_process";\nimport { Markdown } from "millrace/cards";',
        steps: `
  @step start() { this.next(this.use); }
  @step @card @secrets({ sources: ["env:TOKEN", "file:db.env"] })
  async use() {
    const { TOKEN, DB_PASSWORD } = process.env;
    console.log("token is", TOKEN, { TOKEN });
    console.error("JSON:", JSON.stringify({ DB_PASSWORD }));
    execFileSync("sh", ["-c", 'printf "child says %s\\\\n" "$DB_PASSWORD"; echo "and $TOKEN" >&2'], { stdio: "inherit" });
    process.stdout.write("half " + DB_PASSWORD!.slice(0, 9));
    await gate("half");
    process.stdout.write(DB_PASSWORD!.slice(9) + " whole\\n");
    current.card.append(new Markdown("the token " + TOKEN));
    throw new Error("cannot log in with " + DB_PASSWORD, { cause: new Error("refused " + TOKEN) });
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts"], { env: { TOKEN } });
    await project.gates.reached("half");
    await run.printed("child says ***");
    project.gates.open("half");
    const { code, all } = await run.result;
    expect(code).toBe(1);
    expectHidden(all);
    for (const line of [
      "token is *** {",
      'JSON: {"DB_PASSWORD":"***"}',
      "child says ***",
      "and ***",
      "half *** whole",
      "cannot log in with ***",
      "refused ***",
    ]) {
      expect(all).toContain(line);
    }
    const logs = await project.expectMillrace(0, ["logs", "Demo/1/use"]);
    expect(logs.stdout).toContain("half *** whole");
    expectHidden(logs.all);
    const stored = await kept(project);
    expect(stored).toContain("the token ***");
    expectHidden(stored);
  });

  test("are hidden when the step's process is killed", async () => {
    await using project = await Project.create({
      ...files,
      "flow.ts": flowText({
        imports: "secrets",
        steps: `
  @step @secrets({ sources: ["file:db.env"] })
  start() {
    console.log("password", process.env.DB_PASSWORD);
    process.kill(process.pid, "SIGKILL");
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toContain("password ***");
    expectHidden(all);
    expect((await project.expectMillrace(0, ["logs", "Demo/1/start"])).stdout).toContain("password ***");
    expectHidden(await kept(project));
  });

  test("cannot be stored as artifacts or items", async () => {
    await using project = await Project.create({
      ...files,
      "flow.ts": flowText({
        imports: "parameter, secrets",
        fields: 'how = parameter({ default: "artifact" }); settings!: object;',
        steps: `
  @step @secrets({ sources: ["file:db.env"] })
  start() {
    const url = "postgres://" + process.env.DB_PASSWORD;
    if (this.how === "artifact") this.settings = { deep: [{ url }] };
    this.next(this.use, { foreach: this.how === "items" ? (function* () { yield "a"; yield url; })() : ["a"] });
  }
  @step use(_item: string) { this.next(this.join); }
  @step join(_inputs: unknown[]) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const artifact = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(artifact.all).toContain("this.settings holds the secret DB_PASSWORD, which must not be stored.");
    const item = await project.expectMillrace(1, ["run", "flow.ts", "--how", "items"]);
    expect(item.all).toContain("foreach item [1] holds the secret DB_PASSWORD, which must not be stored.");
    await project.expectMillrace(0, ["run", "flow.ts", "--how", "neither"]);
    expectHidden(await kept(project));
  });

  test.each([
    ['["env:NOWHERE"]', "Step start gets no secrets from the environment (NOWHERE): NOWHERE is not set.", 1],
    ['["file:no.env"]', "Step start gets no secrets from the file no.env: there is no such file.", 1],
    ['[{ type: "file", path: "key.json", keys: ["user"] }]', "from the file key.json: it has no user (it has api.key, port).", 1],
    ['[{ type: "file", path: "db.env", format: "json" }]', "the file db.env: it is no object in JSON.", 1],
    ['["file:db.env", "file:db.env"]', "twice: by the file db.env and by the file db.env.", 1],
    ['["file:over.env"]', "is given STAGE twice: by @environment and by the file over.env.", 1],
    ['["vault:x"]', "“vault:x” is no source", 2],
    ["[]", "sources of @secrets is [], but must be a list.", 2],
  ])("of %s: %s", async (sources, message, code) => {
    await using project = await Project.create({
      ...files,
      "over.env": "STAGE=production",
      "flow.ts": flowText({
        imports: "environment, secrets",
        steps: `
  @step @environment({ vars: { STAGE: "test" } }) @secrets({ sources: ${sources} })
  start() { this.next(this.end); }
  @step end() {}`,
      }),
    });
    expect((await project.expectMillrace(code, ["run", "flow.ts"])).all).toContain(message);
  });

  test("of this machine are not for steps that run elsewhere, said before anything starts", async () => {
    await using project = await Project.create({
      ...files,
      "flow.ts": flowText({
        imports: "batch, secrets",
        steps: `
  @step @batch @secrets({ sources: ["env:TOKEN"] })
  start() { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(2, ["run", "flow.ts"], { env: { TOKEN } });
    expect(all).toContain("Step start runs with @batch on another machine, and asks for secrets from the environment (TOKEN) of this one.");
  });
});

describeWith(await awsService(), "@secrets of AWS Secrets Manager", ({ endpoint, region, env, queue, image, freshUrl }) => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };

  test("are fetched by the job that needs them, and nothing of them is in what AWS keeps of it", async () => {
    const client = new SecretsManagerClient({ endpoint, region, credentials });
    const id = `test-${Date.now()}/remote`;
    await client.send(new CreateSecretCommand({ Name: id, SecretString: JSON.stringify({ DB_PASSWORD: PASSWORD }) }));
    await using project = await Project.create(
      {
        "flow.ts": flowText({
          imports: "batch, environment, secrets",
          name: "RemoteSecrets",
          steps: `
  // Where the service of the tests is: on AWS a job knows it by itself.
  @step @batch @environment({ vars: { AWS_ENDPOINT_URL: "${endpoint}" } }) @secrets({ sources: ["${id}"] })
  start() {
    console.log("length", process.env.DB_PASSWORD!.length, "value", process.env.DB_PASSWORD);
    this.next(this.end);
  }
  @step end() {}`,
        }),
      },
      { patienceMs: 120_000 },
    );
    const settings = { ...env, MILLRACE_DATASTORE: freshUrl(), MILLRACE_BATCH_QUEUE: queue, MILLRACE_BATCH_IMAGE: image };
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"], { env: settings });
    expect(all).toContain(`length ${PASSWORD.length} value ***`);
    expectHidden(all);
    const batch = new BatchClient({ endpoint, region, credentials });
    const { jobSummaryList = [] } = await batch.send(new ListJobsCommand({ jobQueue: queue, jobStatus: "SUCCEEDED" }));
    const ids = jobSummaryList.flatMap(({ jobName = "", jobId }) => (jobName.startsWith("RemoteSecrets") && jobId !== undefined ? [jobId] : []));
    const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: ids }));
    expect(jobs.length).toBeGreaterThan(0);
    expectHidden(JSON.stringify(jobs));
    const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName: "/aws/batch/job", logStreamName: jobs[0]?.container?.logStreamName ?? "" }),
    );
    const printed = events.map(({ message }) => message).join("\n");
    expect(printed).toContain("value ***");
    expectHidden(printed);
  }, 150_000);

  test("are variables: an object's several, a text one; what is wrong is said", async () => {
    const client = new SecretsManagerClient({ endpoint, region, credentials });
    const prefix = `test-${Date.now()}`;
    await client.send(
      new CreateSecretCommand({ Name: `${prefix}/login`, SecretString: JSON.stringify({ user: "admin-of-all", password: PASSWORD }) }),
    );
    await client.send(new CreateSecretCommand({ Name: `${prefix}/api-token`, SecretString: TOKEN }));
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "secrets",
        steps: `
  @step @secrets({ sources: ["${prefix}/api-token", { type: "aws", id: "${prefix}/login", keys: ["password"], prefix: "DB_" }] })
  start() {
    const { api_token, DB_password, DB_user } = process.env;
    console.log("got", api_token, DB_password, DB_user);
    this.next(this.other);
  }
  @step @secrets({ sources: ["aws:${prefix}/other"] }) other() { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"], { env });
    expect(all).toContain("got *** *** undefined");
    expect(all).toContain(`Step other gets no secrets from AWS Secrets Manager (${prefix}/other): there is no such secret.`);
    expect(all).not.toContain("NodeVersionSupportWarning");
    expectHidden(all);
    expectHidden(await kept(project));
  });
});
