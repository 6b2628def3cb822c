import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/core/run-event.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { S3Proxy } from "../rig/s3-proxy.js";
import { awsService, describeWith, s3Service, type S3Service } from "../rig/services.js";

const aws = await s3Service();

/** What a project's commands find in their environment to keep runs in S3. */
function inS3({ env }: S3Service, url: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { ...env, MILLRACE_DATASTORE: url, ...more };
}

const FLOW = flowText({
  imports: "parameter, type Inputs",
  fields:
    "n = parameter({ default: 4 }); rows!: number[][]; big!: Uint8Array; same!: string; fails = parameter({ default: false }); sum!: number; total!: number;",
  steps: `
  @step start() {
    this.rows = Array.from({ length: this.n }, (_, i) => [i, 2 * i]);
    this.big = new Uint8Array(300_000).map((_, i) => (i * i) % 251);
    this.same = "x".repeat(50_000);
    console.log("größer");
    this.next(this.body, { foreach: this.rows });
  }
  @step body(row: number[]) {
    note("body " + this.index);
    if (this.index === 3 && this.fails) throw new Error("not yet");
    this.sum = row[1]! + this.big.length;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) {
    this.mergeArtifacts(inputs, { include: ["same"] });
    this.total = inputs.reduce((sum, input) => sum + input.sum, 0);
    this.next(this.end);
  }
  @step end() { console.log(this.total, this.same.length, gate, here); }`,
});

describeWith(aws, "a datastore in S3", (service) => {
  test("holds runs as a folder does: run, read, tag, fail, resume, clean up", async () => {
    const url = service.freshUrl();
    await using project = await Project.create({ "flow.ts": FLOW });
    const env = inS3(service, url);
    const run = await project.expectMillrace(0, ["run", "flow.ts"], { env });
    expect(run.stdout).toContain(`kept in  ${url}`);

    const dump = await project.expectMillrace(0, ["dump", "Demo/1/end", "--json"], { env });
    expect(JSON.parse(dump.stdout)).toMatchObject({ "Demo/1/end/0": { total: 1_200_012, n: 4 } });
    expect((await project.expectMillrace(0, ["logs", "Demo/1/start"], { env })).stdout).toContain("größer");
    await project.expectMillrace(0, ["tag", "add", "Demo/1", "keep"], { env });

    const failed = await project.expectMillrace(1, ["run", "flow.ts", "--fails"], { env });
    expect(failed.stdout).toContain("millrace resume flow.ts");
    await project.write({ "flow.ts": FLOW.replace("this.index === 3 &&", "false &&") });
    await project.clearLedger();
    await project.expectMillrace(0, ["resume", "flow.ts"], { env });
    expect(project.ledger).toEqual(["body 3"]);

    const runs = await project.expectMillrace(0, ["runs", "--json"], { env });
    expect(JSON.parse(runs.stdout)).toMatchObject([
      { pathspec: "Demo/3", status: "done", origin: "Demo/2" },
      { pathspec: "Demo/2", status: "failed" },
      { pathspec: "Demo/1", status: "done", tags: ["keep"] },
    ]);
    await project.expectMillrace(0, ["gc", "--without-tag", "keep"], { env });
    const left = await project.expectMillrace(0, ["runs", "--json"], { env });
    expect(JSON.parse(left.stdout)).toMatchObject([{ pathspec: "Demo/1" }]);
    expect((await project.expectMillrace(0, ["dump", "Demo/1/join", "--include", "same", "--json"], { env })).stdout).toContain("xxx");
  });

  test("is read by programs, by its URL", async () => {
    const url = service.freshUrl();
    await using project = await Project.create({ "flow.ts": FLOW });
    await project.expectMillrace(0, ["run", "flow.ts", "--datastore", "s3"], { env: { ...service.env, MILLRACE_S3_ROOT: url } });
    const reader = flowText({
      name: "Reader",
      head: `import { Flow, Run } from "millrace/client"; void gate; void here;`,
      fields: "found!: number[];",
      steps: `
  @step async start() {
    const run = await Flow("Demo", { datastore: ${JSON.stringify(url)} }).latestRun();
    const tasks = [];
    for await (const task of run.step("body").tasks()) tasks.push(await task.artifact("sum"));
    this.found = [await run.artifact("total"), ...tasks] as number[];
    this.next(this.end);
  }
  @step end() { note(this.found.join()); }`,
    });
    await project.write({ "reader.ts": reader });
    // The reader's own run is kept here, in a folder; what it reads is in S3.
    await project.expectMillrace(0, ["run", "reader.ts"], { env: { ...service.env } });
    expect(project.ledger.at(-1)).toBe("1200012,300000,300002,300004,300006");
  });

  test("costs a small task no more than three requests", async () => {
    await using project = await Project.create({ "flow.ts": FLOW });
    await using proxy = await S3Proxy.start(service.endpoint);
    const env = inS3(service, service.freshUrl(), { AWS_ENDPOINT_URL: proxy.endpoint });
    const tasks = 50;
    await project.expectMillrace(0, ["run", "flow.ts", "--n", String(tasks), "--max-workers", "4"], { env });
    const own = (pattern: RegExp): number => proxy.seen.filter(({ path }) => pattern.test(path)).length;
    expect(own(/\/tasks\/body\//)).toBe(tasks);
    expect(proxy.seen.length / (tasks + 3)).toBeLessThanOrEqual(3);
  });

  test("costs a chain of small tasks no more than three requests each", async () => {
    const length = 30;
    const steps = `
  @step start() { this.count = 0; void gate; void note; this.next(this.again); }
  @step again() { this.count++; console.log(here()); if (this.count < ${length}) this.next(this.again); else this.next(this.end); }
  @step end() {}`;
    await using project = await Project.create({ "flow.ts": flowText({ fields: "count!: number;", steps }) });
    await using proxy = await S3Proxy.start(service.endpoint);
    const env = inS3(service, service.freshUrl(), { AWS_ENDPOINT_URL: proxy.endpoint });
    await project.expectMillrace(0, ["run", "flow.ts"], { env });
    expect(proxy.seen.length / (length + 2)).toBeLessThanOrEqual(3);
  });

  test("keeps blobs on this machine, and notices when one was damaged there", async () => {
    const url = service.freshUrl();
    await using project = await Project.create({ "flow.ts": FLOW });
    await using proxy = await S3Proxy.start(service.endpoint);
    const env = inS3(service, url, { AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: project.path("kept") });
    await project.expectMillrace(0, ["run", "flow.ts"], { env });
    const blobs = (): number => proxy.seen.filter(({ method, path }) => method === "GET" && path.includes("/blobs/")).length;
    expect(blobs()).toBe(0);
    proxy.forget();
    await project.expectMillrace(0, ["dump", "Demo/1/start", "--include", "big", "--json"], { env });
    expect(blobs()).toBe(0);
    await project.expectMillrace(0, ["dump", "Demo/1/start", "--include", "big", "--json"], { env: { ...env, MILLRACE_CACHE: "off" } });
    expect(blobs()).toBe(1);
    proxy.forget();
    await damageFiles(project.path("kept"));
    await project.expectMillrace(0, ["dump", "Demo/1/start", "--include", "big", "--json"], { env });
    expect(blobs()).toBe(1);
  });

  test("says once when S3 is slow or fails, and the run goes on", async () => {
    await using project = await Project.create({ "flow.ts": FLOW });
    let count = 0;
    await using proxy = await S3Proxy.start(service.endpoint, () => (++count % 5 === 0 ? "503" : undefined));
    const env = inS3(service, service.freshUrl(), { AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off" });
    const run = await project.expectMillrace(0, ["run", "flow.ts", "--json"], { env });
    const events = run.stdout.split("\n").filter((line) => line !== "");
    const notices = events.map((line): RunEvent => JSON.parse(line)).filter((event) => event.type === "notice");
    expect(notices).toMatchObject([{ level: "warning", code: "datastore-trouble", text: expect.stringContaining("SlowDown") }]);
  });

  test.each<[code: string, env: Readonly<Record<string, string | undefined>>, exitCode: number]>([
    ["s3-bucket-missing", { MILLRACE_DATASTORE: "s3://millrace-no-such-bucket/x" }, 1],
    ["s3-credentials-missing", { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_EC2_METADATA_DISABLED: "true" }, 1],
    ["s3-unreachable", { AWS_ENDPOINT_URL: "http://127.0.0.1:9", MILLRACE_S3_PATIENCE: "1s" }, 1],
    ["s3-region-missing", { AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined }, 1],
    ["s3-root-missing", { MILLRACE_DATASTORE: "s3" }, 2],
  ])("%s is said before anything runs", async (code, env, exitCode) => {
    await using project = await Project.create({ "flow.ts": FLOW });
    const result = await project.expectMillrace(exitCode, ["run", "flow.ts"], { env: { ...inS3(service, service.freshUrl()), ...env } });
    expect(result.stderr).toContain(code);
    expect(result.all).not.toContain("run started");
    expect(result.all).not.toMatch(/^\s+at /m);
    expect(result.stderr.split("\n").filter((line) => line.startsWith("error"))).toHaveLength(1);
  });

  test.each([
    ["AccessDenied", 403, "s3-denied"],
    ["ExpiredToken", 400, "s3-credentials-refused"],
    ["PermanentRedirect", 301, "s3-region-wrong"],
  ])("%s is told in words", async (answer, status, code) => {
    await using project = await Project.create({ "flow.ts": FLOW });
    await using refusing = await refusingServer(answer, status);
    const env = inS3(service, service.freshUrl(), { AWS_ENDPOINT_URL: refusing.endpoint });
    const result = await project.expectMillrace(1, ["run", "flow.ts"], { env });
    expect(result.stderr).toContain(code);
    expect(result.all).not.toContain("run started");
  });
});

// A server that checks signatures would miss the header that the proxy takes away.
describeWith(await awsService(), "a datastore in a service that is not AWS's own", (service) => {
  test("a service that takes no notice of If-None-Match is found out before two runs take one id, whether it is new or was exchanged", async () => {
    await using project = await Project.create({ "flow.ts": FLOW });
    await using ignoring = await S3Proxy.start(service.endpoint, () => "unconditional");
    await using refusing = await S3Proxy.start(service.endpoint, ({ headers }) =>
      headers["if-none-match"] === undefined ? undefined : { status: 501, code: "NotImplemented" },
    );
    const sound = inS3(service, service.freshUrl());
    await project.expectMillrace(0, ["run", "flow.ts"], { env: sound });
    for (const url of [service.freshUrl(), sound["MILLRACE_DATASTORE"] ?? ""]) {
      for (const { endpoint } of [ignoring, refusing]) {
        const result = await project.expectMillrace(1, ["run", "flow.ts"], { env: inS3(service, url, { AWS_ENDPOINT_URL: endpoint }) });
        expect(result.stderr).toContain("s3-conditions-missing");
        expect(result.all).not.toContain("run started");
        expect(result.all).not.toMatch(/^\s+at /m);
      }
    }
    // One that only AWS's own configuration names.
    await project.write({ "aws-config": `[default]\nendpoint_url = ${ignoring.endpoint}\n` });
    const env = { ...sound, AWS_ENDPOINT_URL: undefined, AWS_CONFIG_FILE: project.path("aws-config") };
    expect((await project.expectMillrace(1, ["run", "flow.ts"], { env })).stderr).toContain("s3-conditions-missing");
    const runs = await project.expectMillrace(0, ["runs", "--json"], { env: sound });
    expect(JSON.parse(runs.stdout)).toMatchObject([{ pathspec: "Demo/1", status: "done" }]);
  });
});

/** Notes, in the ledger, each module of the SDK that a process of the project loads. */
const WATCHED = {
  // Hooks in a thread of their own are what old Nodes have alone, and new ones give up.
  "watch.mjs": `import * as nodeModule from "node:module";
import { resolve } from "./hook.mjs";
if (nodeModule.registerHooks === undefined) nodeModule.register("./hook.mjs", import.meta.url);
else nodeModule.registerHooks({ resolve });`,
  "hook.mjs": `import { appendFileSync } from "node:fs";
export function resolve(specifier, context, next) {
  if (specifier.includes("@aws-sdk/")) appendFileSync(process.env.RIG_LEDGER, "loads " + specifier + "\\n");
  return next(specifier, context);
}`,
};
const watching = (project: Project): { NODE_OPTIONS: string } => ({ NODE_OPTIONS: `--import ${pathToFileURL(project.path("watch.mjs")).href}` });

test("a run in a folder loads nothing of the SDK", async () => {
  await using project = await Project.create({ "flow.ts": FLOW, ...WATCHED });
  await project.expectMillrace(0, ["run", "flow.ts"], { env: watching(project) });
  await project.expectMillrace(0, ["dump", "Demo/1/end"], { env: watching(project) });
  expect(project.ledger.filter((line) => line.startsWith("loads"))).toEqual([]);
});

describeWith(aws, "a datastore in S3, watched", (service) => {
  test("loads the SDK where it is used", async () => {
    await using project = await Project.create({ "flow.ts": FLOW, ...WATCHED });
    await project.expectMillrace(0, ["runs"], { env: { ...inS3(service, service.freshUrl()), ...watching(project) } });
    expect(project.ledger).toContain("loads @aws-sdk/client-s3");
  });
});

/** Changes a byte of each file below a folder. */
async function damageFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!(await stat(file)).isFile()) continue;
    const bytes = await readFile(file);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(file, bytes);
  }
}

/** A service that answers everything in the same way. */
async function refusingServer(code: string, status: number): Promise<{ readonly endpoint: string } & AsyncDisposable> {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`;
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": "application/xml", "x-amz-bucket-region": "eu-west-1" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
