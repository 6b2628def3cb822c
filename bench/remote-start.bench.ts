import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { FoundJob, JobRequest, JobState, RemoteEngine } from "../src/compute/remote/engine.js";
import { JOB_VARIABLE } from "../src/core/remote-job.js";
import { openFlow } from "../src/runner/open-flow.js";
import { type Figure, median, milliseconds } from "./figure.js";
import { BenchProject, root as repository } from "./project.js";

const ROUNDS = 7;
/** From when the process began. */
const BEGAN = "console.log(`began at ${performance.timeOrigin}`);";
const BARE = `${BEGAN}console.log(\`user code at \${performance.timeOrigin + performance.now()}\`)`;

/** Runs Node somewhere, and answers what it printed. */
type RunNode = (text: string, env: Readonly<Record<string, string>>) => Promise<string>;

/** From a job's process to the first line of user code: code fetched, checked, unpacked and imported; beside Node that prints a line. */
export async function run(): Promise<readonly Figure[]> {
  const { useService } = await script<{ useService(name: string, user: number): Promise<{ readonly status: string; readonly values: AwsValues }> }>(
    "scripts/services.mjs",
  );
  const project = new BenchProject("one-job.ts");
  const root = join(project.dir, ".millrace");
  const { boot, job } = await submitted(project, root);
  const folder = await measure("a process, datastore in a folder", { boot, job, runNode: inProcess });
  const aws = await useService("aws", process.pid);
  if (aws.status !== "ready") return [folder];
  const { podmanHost } = await script<{ readonly podmanHost: string }>("scripts/services/podman.mjs");
  const { bucket, image, env } = aws.values;
  const prefix = randomUUID();
  await upload(root, { bucket, prefix, env });
  const away = JSON.stringify({ ...(JSON.parse(job) as object), store: { kind: "s3", url: `s3://${bucket}/${prefix}` } });
  return [folder, await measure("a container, datastore in S3", { boot, job: away, runNode: inContainer(podmanHost, image, env) })];
}

/** Puts a datastore's objects into a bucket. */
async function upload(
  folder: string,
  { bucket, prefix, env }: { readonly bucket: string; readonly prefix: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  Object.assign(process.env, env);
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ forcePathStyle: true });
  for (const path of readdirSync(folder, { recursive: true }).map(String)) {
    const file = join(folder, path);
    if (statSync(file).isFile()) await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${path}`, Body: readFileSync(file) }));
  }
  client.destroy();
}

/** A script of this repository, as a module. */
async function script<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(join(repository, file)).href)) as T;
}

interface AwsValues {
  readonly bucket: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
}

async function measure(
  name: string,
  { boot, job, runNode }: { readonly boot: string; readonly job: string; readonly runNode: RunNode },
): Promise<Figure> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(startIn(await runNode(BARE, {})));
    ours.push(startIn(await runNode(BEGAN + boot, { [JOB_VARIABLE]: job })));
  }
  const detail = `median of ${ROUNDS}, best ${milliseconds(Math.min(...ours))}; node that prints a line: ${milliseconds(median(bare))}; ${job.length + JOB_VARIABLE.length + 1} bytes of environment`;
  return { name: `a job's start in ${name}`, value: median(ours) / 1000, unit: "s", target: 1.5, detail };
}

/** Milliseconds from the process's beginning to user code. */
function startIn(printed: string): number {
  const [, began] = /began at ([\d.]+)/.exec(printed) ?? [];
  const [, user] = /user code at ([\d.]+)/.exec(printed) ?? [];
  return Number(user) - Number(began);
}

/** Runs the flow, and answers what its one job was given. */
async function submitted(project: BenchProject, datastore: string): Promise<JobRequest> {
  const engine = new OneJobEngine();
  await using session = await openFlow({
    file: join(project.dir, project.flow),
    projectRoot: project.dir,
    datastore: { kind: "local", root: datastore },
    with: [],
    maxWorkers: 2,
    cwd: project.dir,
    env: process.env,
    openEngine: async () => engine,
  });
  const { signal } = new AbortController();
  const { result } = await session.run({
    parameters: {},
    options: { maxWorkers: 2, maxNumSplits: 10, keepGoing: false, with: [], maxLogBytes: 1_000_000 },
    tags: [],
    user: "bench",
    reporter: { report: () => {}, close: async () => {} },
    stop: signal,
    kill: signal,
    resumeCommand: () => "",
  });
  if (result.status !== "done" || engine.request === undefined) throw new Error(`the job's run: ${JSON.stringify(result)}`);
  return engine.request;
}

/** Runs each job to its end when it is submitted. */
class OneJobEngine implements RemoteEngine {
  readonly name = "batch";
  readonly title = "The bench's engine";
  readonly arrayVariable = "BENCH_INDEX";
  readonly largestArray = 2;
  readonly pollMs = 20;
  readonly requests = 0;
  request: JobRequest | undefined;

  async check(): Promise<void> {}

  async submit(request: JobRequest): Promise<readonly string[]> {
    this.request = request;
    await inProcess(request.boot, { [JOB_VARIABLE]: request.job });
    return ["job"];
  }

  async states(): Promise<ReadonlyMap<string, JobState>> {
    return new Map([["job", { phase: "ended" }]]);
  }

  async output(): Promise<readonly []> {
    return [];
  }

  outputPlace(): undefined {
    return undefined;
  }

  async log(): Promise<readonly []> {
    return [];
  }

  async cancel(): Promise<void> {}

  async find(): Promise<readonly FoundJob[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const execute = promisify(execFile);

async function inProcess(text: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", text], { env: { ...process.env, ...env } });
  return stdout;
}

function inContainer(host: string, image: string, env: Readonly<Record<string, string>>): RunNode {
  return async (text, more) => {
    const variables = Object.entries({ ...env, ...more }).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const { stdout } = await execute("podman", [
      ...["--remote", "--url", host, "run", "--rm", "--network", "host", ...variables, image],
      ...["node", "--input-type=module", "-e", text],
    ]);
    return stdout;
  };
}
