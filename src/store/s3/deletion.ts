import type { S3Connection } from "./s3-client.js";

/** Keys of one request to delete. */
export const KEYS_AT_ONCE = 1000;

/** An object that S3 did not delete, and why. */
export interface Undeleted {
  readonly key: string;
  readonly error: Error;
}

/** What there is to delete may be gone already: few services make that an error. */
const GONE = new Set(["NoSuchKey", "NoSuchVersion", "NotFound"]);

/** One request to delete objects, {@link KEYS_AT_ONCE} at most. Tells those that it left. */
export async function sendDeletion({ sdk, client }: S3Connection, bucket: string, keys: readonly string[]): Promise<readonly Undeleted[]> {
  const Objects = keys.map((key) => ({ Key: key }));
  const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
  return Errors.filter(({ Code = "" }) => !GONE.has(Code)).map(({ Key = "", Code = "", Message = Code }) => ({
    key: Key,
    error: Object.assign(new Error(Message), { name: Code }),
  }));
}
