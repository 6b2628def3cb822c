import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { S3Address } from "../../src/core/store-address.js";
import { Patience } from "../../src/store/s3/retries.js";
import { connectS3, type S3Connection } from "../../src/store/s3/s3-client.js";
import { S3Objects } from "../../src/store/s3/s3-objects.js";
import { S3Store } from "../../src/store/s3-store.js";
import { S3Proxy, type Fault } from "../rig/s3-proxy.js";
import { describeWith, s3Service } from "../rig/services.js";

const MEGABYTE = 1024 * 1024;

describeWith(await s3Service(), "objects in S3, behind a faulty network", ({ endpoint, region, env, freshUrl }) => {
  Object.assign(process.env, env);
  let proxy: S3Proxy;
  let address: S3Address;
  let objects: S3Objects;
  let troubles: string[];
  let connection: Promise<S3Connection> | undefined;

  beforeEach(async () => {
    proxy = await S3Proxy.start(endpoint);
    address = { kind: "s3", url: freshUrl(), endpoint: proxy.endpoint, region, pathStyle: true };
    troubles = [];
    connection = undefined;
    objects = new S3Objects(address, () => (connection ??= connectS3(address)), new Patience(20_000, (reason) => troubles.push(reason)));
  });

  afterEach(async () => {
    (await connection)?.client.destroy();
    await proxy[Symbol.asyncDispose]();
  });

  /** The first requests of the kind fail in that way. */
  function failFirst(method: string, fault: Fault, times = 1): void {
    let left = times;
    proxy.plan = (request: IncomingMessage) => (request.method === method && left-- > 0 ? fault : undefined);
  }

  test.each<Fault>(["500", "503", "reset", "lost-answer", "cut-body"])("a read is whole after %s", async (fault) => {
    const bytes = randomBytes(100_000);
    await objects.put("k", bytes, false);
    failFirst("GET", fault, 2);
    expect(Buffer.compare((await objects.get("k")) ?? new Uint8Array(), bytes)).toBe(0);
    expect(troubles).toHaveLength(2);
  });

  test.each<Fault>(["500", "503", "reset", "lost-answer"])("a write with ifAbsent is ours after %s, and another's is not", async (fault) => {
    failFirst("PUT", fault, 2);
    expect(await objects.put("id", Buffer.from("ours"), true)).toBe(true);
    failFirst("PUT", fault, 2);
    expect(await objects.put("id", Buffer.from("ours"), true)).toBe(false);
  });

  test.each<Fault>(["500", "reset", "cut-body"])("a listing is whole after %s", async (fault) => {
    for (const key of ["a/1", "a/2", "b/3"]) await objects.put(key, Buffer.from("x"), false);
    failFirst("GET", fault, 1);
    expect([...(await objects.names("a/"))].toSorted()).toEqual(["1", "2"]);
  });

  test("a deletion that was not answered is not sent again; one that S3 took no notice of is", async () => {
    await objects.put("k", Buffer.from("x"), false);
    for (const fault of ["reset", "lost-answer", "500"] as const) {
      proxy.forget();
      failFirst("POST", fault);
      await expect(objects.delete(["k"])).rejects.toMatchObject({ code: "s3-deletion-unsure" });
      expect(proxy.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
    }
    await objects.put("k", Buffer.from("x"), false);
    failFirst("POST", "503");
    await objects.delete(["k"]);
    expect(await objects.get("k")).toBeUndefined();
  });

  test("a deletion for which there was nobody is sent again", async () => {
    const free = await S3Proxy.start(endpoint);
    const { endpoint: nowhere } = free;
    await free[Symbol.asyncDispose]();
    const troubles: string[] = [];
    const elsewhere = connectS3({ ...address, endpoint: nowhere });
    const patience = new Patience(20_000, (reason) => troubles.push(reason));
    await objects.put("k", Buffer.from("x"), false);
    const connect = (): Promise<S3Connection> => (troubles.length < 2 ? elsewhere : (connection ??= connectS3(address)));
    await new S3Objects(address, connect, patience).delete(["k"]);
    expect(troubles).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    expect(await objects.get("k")).toBeUndefined();
    (await elsewhere).client.destroy();
  });

  test("a large object is written and read in parts, some of which fail", async () => {
    const bytes = randomBytes(70 * MEGABYTE);
    failFirst("PUT", "lost-answer", 2);
    await objects.put("large", bytes, false);
    expect(proxy.seen.filter(({ path }) => path.includes("partNumber"))).toHaveLength(Math.ceil(70 / 16) + 2);
    failFirst("GET", "cut-body", 2);
    const found = await objects.get("large");
    expect(found?.length).toBe(bytes.length);
    expect(Buffer.compare(found ?? new Uint8Array(), bytes)).toBe(0);
    expect(Math.max(...proxy.seen.map((request) => request.bytes))).toBeLessThan(17 * MEGABYTE);
  });

  test.each([
    // OpenStack Swift 2.30 (tried), Backblaze B2 (github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78), NetApp StorageGRID (its release notes, 12.1).
    ["NotImplemented", 501],
    // Alibaba OSS (its error 0017-00000245).
    ["NotImplemented", 400],
  ])("a service that knows no writes with ifAbsent (%s, %i) is told in words, at once", async (code, status) => {
    proxy.plan = ({ headers }) => (headers["if-none-match"] === undefined ? undefined : { status, code });
    await expect(objects.put("id", Buffer.from("x"), true)).rejects.toMatchObject({ code: "s3-conditions-missing" });
    expect(proxy.seen).toHaveLength(1);
    expect(await objects.put("id", Buffer.from("x"), false)).toBe(true);
  });

  test.each([
    // AWS's PutObject: two conditional writes at the same moment; the one that hears this should come again.
    ["ConditionalRequestConflict", 409],
    // R2 takes one write a second of each key (developers.cloudflare.com/r2/platform/limits).
    ["TooManyRequests", 429],
  ])("a write with ifAbsent that hears %s comes again", async (code, status) => {
    let left = 2;
    proxy.plan = ({ method }) => (method === "PUT" && left-- > 0 ? { status, code } : undefined);
    expect(await objects.put("id", Buffer.from("x"), true)).toBe(true);
    expect(await objects.put("id", Buffer.from("x"), true)).toBe(false);
  });

  test("no request has what services other than AWS's refuse: checksums of late, bodies in chunks; deletions have Content-MD5", async () => {
    const peculiar = new Set<string>();
    proxy.plan = ({ method, url = "", headers }) => {
      for (const name of Object.keys(headers)) if (/checksum|trailer|decoded/.test(name)) peculiar.add(name);
      if (headers["content-encoding"] !== undefined || headers["x-amz-content-sha256"]?.includes("STREAMING")) peculiar.add(url);
      // OpenStack Swift 2.30 (tried), MinIO before 2025 (github.com/minio/minio/issues/20845, github.com/aws/aws-sdk-js-v3/issues/6920).
      const isDeletion = method === "POST" && url.includes("?delete");
      return isDeletion && headers["content-md5"] === undefined ? { status: 400, code: "MissingContentMD5" } : undefined;
    };
    await objects.put("k", Buffer.from("x"), true);
    await objects.put("k", Buffer.from("y"), false);
    await objects.put("large", randomBytes(65 * MEGABYTE), false);
    await objects.get("large", { offset: 1, length: 10 });
    await objects.list("", undefined);
    await objects.delete(["k", "large"]);
    expect(await objects.names("")).toEqual([]);
    expect([...peculiar]).toEqual([]);
  });

  test("what lasts longer than patience is given up, in words, by all operations together", async () => {
    objects = new S3Objects(address, () => (connection ??= connectS3(address)), new Patience(1500, () => {}));
    proxy.goAway();
    const started = performance.now();
    const failing = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => objects.get(`k${index}`)));
    for (const read of failing) expect(read).toMatchObject({ status: "rejected", reason: { code: "s3-unreachable" } });
    await expect(objects.stat("k")).rejects.toMatchObject({ code: "s3-unreachable" });
    // One after another they would take as many times as long.
    expect(performance.now() - started).toBeLessThan(5 * 1500);
  });

  test("a store waits in the middle of a line, also for what it began to read before", async () => {
    // Past the proxy: it lives in this thread, which waits.
    await using store = new S3Store({ ...address, endpoint }, { entry: new URL("../../dist/store/s3/thread.js", import.meta.url) });
    expect(store.putSync("blobs/a", [Buffer.from("a")])).toBe(true);
    const isNew = ["b", "c"].map((name) => store.beginPut(`blobs/${name}`, [Buffer.from(name)], { ifAbsent: true }));
    expect(isNew.map((answer) => answer())).toEqual([true, true]);
    for (const name of ["a", "b", "c", "not-there"]) store.prefetch(`blobs/${name}`, 1);
    for (const name of ["c", "a", "b"]) expect(Buffer.from(store.getSync(`blobs/${name}`) ?? []).toString()).toBe(name);
    expect(store.getSync("blobs/not-there")).toBeUndefined();
    expect(await Promise.all(["a", "b"].map(async (name) => (await store.get(`blobs/${name}`))?.length))).toEqual([1, 1]);
  });
});
