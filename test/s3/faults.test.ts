import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { s3 } from "../../src/s3/index.js";
import { Random } from "../rig/random.js";
import { randomFaults, S3Proxy } from "../rig/s3-proxy.js";
import { awsService, describeWith, s3Service } from "../rig/services.js";

const MB = 1024 * 1024;

describeWith(await s3Service(), "millrace/s3 on a bad network", ({ endpoint, env, freshUrl }) => {
  beforeAll(() => void Object.assign(process.env, env));

  test.each([1, 2, 3])("all that is put comes back, as often as requests fail on their way (seed %i)", async (seed) => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-s3-"));
    await using proxy = await S3Proxy.start(endpoint, randomFaults(new Random(seed), 0.25));
    using data = s3({ root: freshUrl(), endpoint: proxy.endpoint });
    try {
      const bodies = Array.from({ length: 30 }, (_, index) => Buffer.alloc(index * 1000, index));
      const large = Buffer.alloc(34 * MB, "0123456789");
      await writeFile(join(folder, "large"), large);
      await data.uploadMany([{ key: "large", file: join(folder, "large") }]);
      await data.deleteMany(["nothing", "here"]);
      const results = await data.putMany(bodies.map((body, index) => ({ key: `many/${index}`, body, overwrite: index % 2 === 0 })));
      expect(results.every(({ written }) => written)).toBe(true);
      const objects = await data.getMany(bodies.map((_, index) => `many/${index}`));
      expect(objects.every(({ bytes }, index) => bodies[index]?.equals(bytes))).toBe(true);
      await data.download("large", join(folder, "copy"));
      expect(large.equals(await readFile(join(folder, "copy")))).toBe(true);
      let count = 0;
      for await (const _ of data.list("many")) count++;
      expect(count).toBe(bodies.length);
      await data.deleteMany(bodies.map((_, index) => `many/${index}`));
      expect(await data.list("many").next()).toMatchObject({ done: true });
      expect(proxy.seen.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(10);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("what could not be deleted just now is deleted with the next request; what may not be is named", async () => {
    await using proxy = await S3Proxy.start(endpoint);
    using data = s3({ root: freshUrl(), endpoint: proxy.endpoint });
    const error = (key: string, code: string): string => `<Error><Key>${key}</Key><Code>${code}</Code><Message>on purpose</Message></Error>`;
    const prefix = new URL(data.root ?? "").pathname.slice(1);
    await data.putMany(["a", "b", "c"].map((key) => ({ key, body: key })));
    const answers = [`<DeleteResult>${error(`${prefix}/b`, "SlowDown")}${error(`${prefix}/c`, "NoSuchKey")}</DeleteResult>`];
    proxy.plan = () => {
      const xml = answers.shift();
      return xml === undefined ? undefined : { xml };
    };
    await data.deleteMany(["a", "b", "c"]);
    // The first request did nothing but say so: the second had what it named as left.
    expect(await data.headMany(["a", "b", "c"], { missing: "undefined" })).toMatchObject([{ key: "a" }, undefined, { key: "c" }]);
    answers.push(`<DeleteResult>${error(`${prefix}/c`, "AccessDenied")}</DeleteResult>`);
    await expect(data.deleteMany(["a", "c"])).rejects.toMatchObject({ code: "s3-denied", message: expect.stringContaining(`${data.root}/c`) });
  });

  test("each object takes one request, and a listing one for a thousand", async () => {
    await using proxy = await S3Proxy.start(endpoint);
    using data = s3({ root: freshUrl(), endpoint: proxy.endpoint });
    await data.putMany(Array.from({ length: 20 }, (_, index) => ({ key: String(index), body: "x" })));
    await data.getMany(Array.from({ length: 20 }, (_, index) => String(index)));
    for await (const _ of data.list());
    expect(proxy.seen).toHaveLength(41);
  });
});

// A server that checks signatures would miss the header that the proxy takes away.
describeWith(await awsService(), "millrace/s3 and a service that is not AWS's own", ({ endpoint, env, freshUrl }) => {
  beforeAll(() => void Object.assign(process.env, env));

  test("a service that overlooks the condition (MinIO before mid-2024; Ceph's, of objects in parts) does not overwrite what is to stay", async () => {
    await using proxy = await S3Proxy.start(endpoint, () => "unconditional");
    using data = s3({ root: freshUrl(), endpoint: proxy.endpoint });
    for (const size of [10, 17 * MB]) {
      const key = `once-${size}`;
      expect((await data.put(key, Buffer.alloc(size, "a"), { overwrite: false })).written).toBe(true);
      expect((await data.put(key, Buffer.alloc(size + 1, "b"), { overwrite: false })).written).toBe(false);
      expect((await data.head(key)).size).toBe(size);
    }
  });
});
