import { brotliDecompressSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { expectNoOwnTraces } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Random, seeds } from "../rig/random.js";
import { Results } from "../rig/results.js";
import { randomFaults, S3Proxy } from "../rig/s3-proxy.js";
import { describeWith, s3Service } from "../rig/services.js";
import { killSomewhere, requireReadable, SHARING_FLOW } from "./sharing-flow.js";

const ROUNDS = 3;
/** Which share of requests goes wrong. */
const FAULTS = 0.05;

/** What a command may say that meets a clean-up, another run, or S3 at its worst. */
const CLEAR = /run-dropped|run-unknown|flow-unknown|resume-nothing|gc-running|resume-running|s3-|is slow or fails/;

describeWith(await s3Service(), "gc beside writers in S3, with faults, killed at random", ({ endpoint, region, env: access, freshUrl }) => {
  /** What is in the datastore and no object of a run names, also by way of other blobs. */
  async function leftOver(url: string): Promise<readonly string[]> {
    const { host: Bucket, pathname } = new URL(url);
    const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = access;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `${pathname.slice(1)}/` }));
    const texts = new Map<string, string>();
    for (const { Key = "" } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      texts.set(Key.slice(pathname.length), (Key.endsWith(".br") ? brotliDecompressSync(bytes) : bytes).toString("latin1"));
    }
    client.destroy();
    const named = new Set<string>();
    const open = [...texts.keys()].filter((key) => key.startsWith("flows/"));
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      for (const [hash] of (texts.get(key) ?? "").matchAll(/[0-9a-f]{64}/g)) {
        if (named.has(hash)) continue;
        named.add(hash);
        open.push(...[...texts.keys()].filter((blob) => blob.includes(hash)));
      }
    }
    return [...texts.keys()].filter((key) => !key.startsWith("flows/") && key !== "layout.json" && !named.has(/[0-9a-f]{64}/.exec(key)?.[0] ?? key));
  }

  test.each(seeds(1))(
    "loses nothing that is kept, and leaves nothing over (seed %i)",
    async (seed) => {
      const random = new Random(seed);
      await using proxy = await S3Proxy.start(endpoint);
      const url = freshUrl();
      const direct = { ...access, MILLRACE_DATASTORE: url };
      const env = { ...direct, AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off" };
      await using project = await Project.create({ "flow.ts": SHARING_FLOW }, { env });
      const results = new Results(project, direct);
      const expectClear = (result: Awaited<ReturnType<Project["millrace"]>>): void => {
        const { args, code, signal, all } = result;
        if (signal !== null || code === 0) return;
        expectNoOwnTraces(result);
        expect(all, args.join(" ")).toMatch(CLEAR);
      };

      await project.expectMillrace(0, ["run", "flow.ts", "--seed", "1"]);
      for (let round = 0; round < ROUNDS; round++) {
        await proxy.age(["blobs", "gc"]);
        proxy.plan = randomFaults(random, FAULTS);
        const newest = (await results.runs())[0];
        const writers = [["run", "flow.ts", "--seed", String(1 + random.below(2)), "--max-workers", "2"]];
        if (newest !== undefined && newest.status !== "done") writers.push(["resume", "flow.ts", "--max-workers", "2"]);
        const gc = ["gc", "--keep", String(1 + random.below(2))];
        const commands = [...writers, gc].map((args) => project.start(args));
        const killed = commands.filter(() => random.next() < 0.5);
        const kills = Promise.all(killed.map((command) => killSomewhere(project, command, random)));
        // The next clean-up comes while requests of the one before may still be on their way.
        const last = commands.at(-1)?.result.then(() => project.millrace(gc));
        for (const result of [...(await Promise.all(commands.map(({ result }) => result))), await last])
          if (result !== undefined) expectClear(result);
        await kills;
        await project.untilNoneLeft();
        await requireReadable(results);
      }

      proxy.plan = () => undefined;
      await proxy.age(["blobs", "gc"]);
      const newest = (await results.runs())[0];
      if (newest?.status !== "done") await project.expectMillrace(0, [newest === undefined ? "run" : "resume", "flow.ts"]);
      await project.expectMillrace(0, ["gc", "--keep", "1"]);
      await requireReadable(results);
      expect((await results.runs())[0]?.status).toBe("done");
      expect(await leftOver(url)).toEqual([]);
    },
    120_000,
  );
});
