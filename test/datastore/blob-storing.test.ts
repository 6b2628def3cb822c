import { describe, expect, test } from "vitest";
import { blobKey } from "../../src/datastore/artifacts/blob-key.js";
import { cutParts } from "../../src/datastore/artifacts/blob-parts.js";
import { renewBlob, storeBlob, storeBlobSync } from "../../src/datastore/artifacts/blob-storing.js";
import { encodeCondemned } from "../../src/datastore/condemned-blobs.js";
import { condemnedKey } from "../../src/datastore/layout.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { AgingStore } from "./cleanup/aging-store.js";

const content = Buffer.from("what two runs store");

function put() {
  const [part] = cutParts([[content]]);
  if (part === undefined) throw new Error("there is no part");
  return { part: { hash: part.hash, size: part.size }, chunks: () => part.chunks };
}

test.each([
  ["storeBlobSync", async (store: MemoryStore) => storeBlobSync(store, put())],
  ["storeBlob", (store: MemoryStore) => storeBlob(store, put())],
])("%s refers to a young blob as it is, and to a copy when a clean-up has condemned it", async (_name, storeIt) => {
  const store = new MemoryStore();
  const first = await storeIt(store);
  expect(await storeIt(store)).toEqual(first);
  const key = blobKey(first);
  // Another writer has made it young since the clean-up's last look: it goes all the same.
  await store.put(condemnedKey(key), [encodeCondemned("token", [key])]);
  const copied = await storeIt(store);
  await store.delete(key);
  expect(copied).not.toEqual(first);
  expect(await store.get(blobKey(copied))).toEqual(new Uint8Array(content));
});

const HOUR = 60 * 60 * 1000;

test.each([
  ["storeBlobSync", async (store: MemoryStore) => storeBlobSync(store, put())],
  ["storeBlob", (store: MemoryStore) => storeBlob(store, put())],
  ["renewBlob", async (store: MemoryStore) => ((await renewBlob(store, put().part)) ? put().part : undefined)],
])("%s makes an old blob young behind a network without sending it", async (_name, storeIt) => {
  const store = new AgingStore({ remote: true });
  const part = await storeBlob(store, put());
  await store.age(5 * HOUR);
  const sent: string[] = [];
  store.putSync = (key) => {
    sent.push(key);
    return true;
  };
  store.put = async (key, _chunks, options) => {
    if (options?.ifAbsent !== true) sent.push(key);
    return false;
  };
  expect(await storeIt(store)).toEqual(part);
  expect(sent).toEqual([]);
  expect((await store.stat(blobKey(part)))?.modifiedAt).toBeGreaterThan(Date.now() - HOUR);
});

describe.each([false, true])("renewBlob (remote: %s)", (remote) => {
  test("says that a blob may be referred to, and makes it young", async () => {
    const store = new AgingStore({ remote });
    const part = await storeBlob(store, put());
    expect(await renewBlob(store, part)).toBe(true);
    await store.age(5 * HOUR);
    expect(await renewBlob(store, part)).toBe(true);
    expect((await store.stat(blobKey(part)))?.modifiedAt).toBeGreaterThan(Date.now() - HOUR);
  });

  test("says of one that is absent, or condemned, that it may not", async () => {
    const store = new AgingStore({ remote });
    expect(await renewBlob(store, put().part)).toBe(false);
    const key = blobKey(await storeBlob(store, put()));
    await store.put(condemnedKey(key), [encodeCondemned("token", [key])]);
    expect(await renewBlob(store, put().part)).toBe(false);
  });
});

test("renewBlob says of a damaged blob in a folder that it has to be stored", async () => {
  const store = new MemoryStore();
  const part = await storeBlob(store, put());
  await store.put(blobKey(part), [Buffer.from("damaged")]);
  expect(await renewBlob(store, part)).toBe(false);
});
