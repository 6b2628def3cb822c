import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteObjectCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { ArtifactRef } from "../src/core/artifact-ref.js";
import { ArtifactReader } from "../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../src/datastore/artifacts/artifact-writer.js";
import { S3Store } from "../src/store/s3-store.js";
import { S3Proxy } from "../test/rig/s3-proxy.js";
import { type Figure, median, milliseconds } from "./figure.js";
import { BenchProject, root } from "./project.js";

const MEGABYTE = 1024 * 1024;
const TASKS = 200;
/** Of the large artifact; a gigabyte with BENCH_MEGABYTES=1024. */
const LARGE = Number(process.env["BENCH_MEGABYTES"] ?? 256) * MEGABYTE;
const ROUNDS = LARGE > 512 * MEGABYTE ? 1 : 3;
/** Of the plain ranged reads. */
const RANGE = 8 * MEGABYTE;
const RANGES_AT_ONCE = 4;

interface Server {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A datastore in S3, on a server of this machine, beside the SDK doing the bare minimum. */
export async function run(): Promise<readonly Figure[]> {
  const { useService } = (await import(pathToFileURL(join(root, "scripts/services.mjs")).href)) as {
    useService(name: string, user: number): Promise<{ readonly status: string; readonly reason?: string; readonly values: Server }>;
  };
  const service = await useService("aws", process.pid);
  if (service.status !== "ready") return [{ name: "S3: no server", value: 0, unit: "", detail: service.reason ?? "" }];
  Object.assign(process.env, service.values.env);
  return [...(await measureTasks(service.values)), ...(await measureLarge(service.values))];
}

async function measureTasks({ endpoint, env, bucket }: Server): Promise<Figure[]> {
  await using proxy = await S3Proxy.start(endpoint);
  const project = new BenchProject("megabytes.ts");
  const options = { env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off" } };
  const args = ["--count", String(TASKS), "--max-num-splits", String(TASKS), "--datastore", `s3://${bucket}/${randomUUID()}`];
  const finished = await project.millrace("run", args, options);
  const bytes = proxy.seen.reduce((sum, request) => sum + request.bytes, 0);
  const count = (method: string): number => proxy.seen.filter((request) => request.method === method).length;
  const kinds = ["GET", "PUT", "HEAD", "POST"].map((method) => `${count(method)} ${method}`).join(", ");
  return [
    { name: `${TASKS} tasks of 1 MB each: requests a task`, value: proxy.seen.length / TASKS, unit: "", target: 4, detail: kinds },
    {
      name: `${TASKS} tasks of 1 MB each: bytes beside what they leave`,
      value: bytes / (2 * TASKS * MEGABYTE),
      unit: "×",
      target: 1.05,
      detail: "written once, read once",
    },
    { name: `${TASKS} tasks of 1 MB each`, value: finished.ms / 1000, unit: "s", detail: "all processes, through a counting proxy" },
  ];
}

async function measureLarge({ endpoint, region, bucket }: Server): Promise<Figure[]> {
  const data = randomBytes(LARGE);
  const client = new S3Client({ endpoint, region, forcePathStyle: true });
  const times = { upload: [] as number[], write: [] as number[], ranges: [] as number[], read: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const Key = randomUUID();
    times.upload.push(await timed(() => new Upload({ client, params: { Bucket: bucket, Key, Body: data } }).done()));
    times.ranges.push(await timed(() => readRanges(client, bucket, Key)));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    const address = { kind: "s3", url: `s3://${bucket}/${Key}-runs`, endpoint, region, pathStyle: true } as const;
    await using store = new S3Store(address, { entry: pathToFileURL(join(root, "dist/store/s3/thread.js")) });
    await store.get("warm");
    let written: ArtifactRef | undefined;
    times.write.push(await timed(() => (written = new ArtifactWriter(store).write(data, "data"))));
    const ref = written;
    if (ref === undefined) throw new Error("nothing was written");
    times.read.push(
      await timed(() => {
        const back = new ArtifactReader(store).read(ref, "data");
        if (!(back instanceof Uint8Array) || back.length !== LARGE) throw new Error("it did not come back");
      }),
    );
    const keys = [];
    for await (const { key } of store.list("")) keys.push(key);
    await store.delete(...keys);
  }
  const size = `${LARGE / MEGABYTE} MB artifact`;
  const speed = (what: string, bare: readonly number[], ours: readonly number[]): Figure => ({
    name: `${size} ${what}`,
    value: median(bare) / median(ours),
    unit: "×",
    target: 0.7,
    atLeast: true,
    detail: `${milliseconds(median(ours))}, the SDK ${milliseconds(median(bare))}`,
  });
  return [
    speed("written: speed beside the SDK's multipart upload", times.upload, times.write),
    speed("read: speed beside the SDK's ranged reads", times.ranges, times.read),
  ];
}

async function readRanges(client: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
  const whole = new Uint8Array(LARGE);
  let next = 0;
  const reader = async (): Promise<void> => {
    for (let start = next; start < LARGE; start = next) {
      next = start + RANGE;
      const answer = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${Math.min(next, LARGE) - 1}` }));
      whole.set((await answer.Body?.transformToByteArray()) ?? new Uint8Array(0), start);
    }
  };
  await Promise.all(Array.from({ length: RANGES_AT_ONCE }, reader));
  return whole;
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
