import type { S3Place } from "../core/store-address.js";
import type { S3Requests } from "./s3-requests.js";
import type { ObjectInfo, TransferOptions } from "./transfer-types.js";

export interface ListOptions extends TransferOptions {
  /** False: only what is directly in the folder, not in folders of it. Default true. */
  readonly deep?: boolean;
}

/** One page of a listing; keys are whole. */
export interface ListPage {
  readonly objects: readonly Omit<ObjectInfo, "url">[];
  /** Prefixes that end in a slash; only of a listing that is not deep. */
  readonly folders: readonly string[];
}

/** Walks a listing page by page; the next page is on its way while one is taken. */
export async function* listPages(requests: S3Requests, { bucket, prefix }: S3Place, { deep = true, signal }: ListOptions): AsyncGenerator<ListPage> {
  const read = (from: string | undefined): Promise<ListPage & { readonly next: string | undefined }> =>
    requests.named("list", { bucket, key: prefix }, () =>
      requests.send(signal, async ({ sdk, client }) => {
        const answer = await client.send(
          new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: from, ...(!deep && { Delimiter: "/" }) }),
        );
        // A folder's own marker is no object in it.
        const found = (answer.Contents ?? []).filter(({ Key = "" }) => Key !== prefix);
        return {
          objects: found.map(({ Key = "", Size = 0, LastModified, ETag }) => ({
            key: Key,
            size: Size,
            lastModified: LastModified ?? new Date(0),
            etag: ETag,
          })),
          folders: (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []),
          next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
        };
      }),
    );
  let page = read(undefined);
  for (;;) {
    const { next, ...entries } = await page;
    if (next !== undefined) {
      page = read(next);
      // It is told when its turn comes, if it does.
      page.catch(() => {});
    }
    yield entries;
    if (next === undefined) return;
  }
}
