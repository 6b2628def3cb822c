import { expect, test } from "vitest";
import { blobKey } from "../../src/datastore/artifacts/blob-key.js";
import { cutParts } from "../../src/datastore/artifacts/blob-parts.js";
import { storeBlob, storeBlobSync } from "../../src/datastore/artifacts/blob-storing.js";
import { encodeCondemned } from "../../src/datastore/condemned-blobs.js";
import { condemnedKey } from "../../src/datastore/layout.js";
import { MemoryStore } from "../../src/store/memory-store.js";

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
