import type { ObjectPlace } from "../core/object-url.js";
import { KEYS_AT_ONCE, sendDeletion } from "../store/s3/deletion.js";
import { isSlowDown, isUnsure } from "../store/s3/retries.js";
import { workOnMany } from "./many.js";
import type { S3Requests } from "./s3-requests.js";
import type { ManyOptions } from "./transfer-types.js";

/** Requests at once, each of up to a thousand objects: S3 counts objects. */
const AT_ONCE = 4;

/** Objects of one bucket that one request deletes. */
interface Batch {
  readonly bucket: string;
  readonly keys: readonly string[];
}

/** Deletes objects, many in a request. Those that are not there are passed over. */
export async function deleteObjects(requests: S3Requests, places: readonly ObjectPlace[], options: ManyOptions): Promise<void> {
  await workOnMany("deleting", batchesOf(places), { concurrency: AT_ONCE, ...options }, (batch, { signal }) => deleteBatch(requests, batch, signal), {
    objectsIn: ({ keys }) => keys.length,
  });
}

function batchesOf(places: readonly ObjectPlace[]): Batch[] {
  const buckets = new Map<string, Set<string>>();
  for (const { bucket, key } of places) {
    const keys = buckets.get(bucket) ?? new Set();
    buckets.set(bucket, keys.add(key));
  }
  return [...buckets].flatMap(([bucket, found]) => {
    const keys = [...found];
    return Array.from({ length: Math.ceil(keys.length / KEYS_AT_ONCE) }, (_, index) => ({
      bucket,
      keys: keys.slice(index * KEYS_AT_ONCE, (index + 1) * KEYS_AT_ONCE),
    }));
  });
}

async function deleteBatch(requests: S3Requests, { bucket, keys }: Batch, signal: AbortSignal): Promise<void> {
  let left = keys;
  const [only = ""] = keys;
  await requests.named("delete", keys.length === 1 ? { bucket, key: only } : { bucket }, () =>
    requests.send(signal, async (connection) => {
      const failed = await sendDeletion(connection, bucket, left);
      left = failed.map(({ key }) => key);
      const final = failed.find(({ error }) => !isSlowDown(error) && !isUnsure(error));
      if (final !== undefined) await requests.named("delete", { bucket, key: final.key }, () => Promise.reject(final.error));
      const [first] = failed;
      if (first !== undefined) throw first.error;
    }),
  );
}
