import { randomUUID } from "node:crypto";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { parseS3Url, type S3Address, type S3Place } from "../../core/store-address.js";
import type { ByteRange, ObjectInfo } from "../object-store.js";
import { KEYS_AT_ONCE, sendDeletion } from "./deletion.js";
import { findIn } from "./error-facts.js";
import { Gate, mapAtOnce } from "../../core/gate.js";
import { isSlowDown, isUnsure, TruncatedBody, withRetries, type Patience, type Try } from "./retries.js";
import type { S3Connection } from "./s3-client.js";
import { conditionRefusal, s3Error } from "./s3-error.js";
import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";

const MEGABYTE = 1024 * 1024;
/** Larger objects are read in pieces of this size, several at once. */
const READ_PIECE = 16 * MEGABYTE;
/** Larger objects are written in pieces. */
const MULTIPART_FROM = 64 * MEGABYTE;
const WRITE_PIECE = 16 * MEGABYTE;
/** S3 takes no more pieces than this. */
const MOST_PIECES = 10_000;
/** Pieces of one object on their way at once. */
const PIECES_AT_ONCE = 4;
/** Requests on their way at once. */
const REQUESTS_AT_ONCE = 48;

/** One page of a listing. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

/**
 * The objects below a place in S3: whole operations, sent again when they fail on the way. What comes back is all of what
 * was asked for, or an error.
 */
export class S3Objects {
  readonly #address: S3Address;
  readonly #place: S3Place;
  readonly #patience: Patience;
  readonly #connect: () => Promise<S3Connection>;
  readonly #gate = new Gate(REQUESTS_AT_ONCE);

  /** @param connect Opens the connection when it is first called, and gives the same one then. */
  constructor(address: S3Address, connect: () => Promise<S3Connection>, patience: Patience) {
    const place = parseS3Url(address.url);
    if (place === undefined) throw new TypeError(`${address.url} is no place in S3`);
    this.#address = address;
    this.#place = place;
    this.#connect = connect;
    this.#patience = patience;
  }

  /** As it was said, or as AWS's own configuration has it. */
  async region(): Promise<string> {
    return this.#do("open", async () => (await this.#connect()).client.config.region());
  }

  /** Whether AWS's own S3 keeps them, as far as requests have shown. */
  async isAws(): Promise<boolean> {
    return this.#do("open", async () => (await this.#connect()).isAws() === true);
  }

  /** The bytes under the key, undefined when there are none. */
  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.#do("read", async () => {
      if (range === undefined) return this.#getWhole(key);
      if (range.length <= 0) return (await this.#head(key)) === undefined ? undefined : new Uint8Array(0);
      const found = await this.#getPiece(key, range.offset, range.length);
      return found === undefined ? undefined : found.bytes;
    });
  }

  async #getWhole(key: string): Promise<Uint8Array | undefined> {
    const first = await this.#getPiece(key, 0, READ_PIECE);
    if (first === undefined) return undefined;
    if (first.bytes.length === first.size) return first.bytes;
    const whole = new Uint8Array(first.size);
    whole.set(first.bytes);
    const offsets: number[] = [];
    for (let offset = first.bytes.length; offset < first.size; offset += READ_PIECE) offsets.push(offset);
    const pieces = await mapAtOnce(offsets, PIECES_AT_ONCE, async (offset) => {
      const piece = await this.#getPiece(key, offset, Math.min(READ_PIECE, first.size - offset), first.etag);
      if (piece !== undefined) whole.set(piece.bytes, offset);
      return piece !== undefined;
    });
    // It was deleted, or replaced, meanwhile: then there is another one, or none.
    return pieces.every(Boolean) ? whole : this.#getWhole(key);
  }

  /** A piece of an object; undefined when there is no object, or, given an ETag, when it is another one. */
  #getPiece(key: string, offset: number, length: number, etag?: string): Promise<Piece | undefined> {
    return this.#retried(async ({ sdk, client }) => {
      try {
        const answer = await client.send(
          new sdk.GetObjectCommand({
            ...this.#named(key),
            Range: `bytes=${offset}-${offset + length - 1}`,
            ...(etag !== undefined && { IfMatch: etag }),
          }),
        );
        const bytes = await bodyOf(answer);
        return { bytes, size: wholeSize(answer.ContentRange) ?? offset + bytes.length, etag: answer.ETag };
      } catch (error) {
        const { names, status } = findIn(error);
        // There is an object, but it has no such byte.
        if (status === 416 || names.includes("InvalidRange")) return { bytes: new Uint8Array(0), size: 0, etag: undefined };
        if (isAbsent(error) || status === 412) return undefined;
        throw error;
      }
    });
  }

  async put(key: string, bytes: Uint8Array, ifAbsent: boolean): Promise<boolean> {
    return this.#do("write", () => (ifAbsent ? this.#putIfAbsent(key, bytes) : this.#replace(key, bytes)));
  }

  async #replace(key: string, bytes: Uint8Array): Promise<true> {
    if (bytes.length > MULTIPART_FROM) await this.#putInPieces(key, bytes);
    else await this.#retried(({ sdk, client }) => client.send(new sdk.PutObjectCommand({ ...this.#named(key), Body: bytes })));
    return true;
  }

  /**
   * S3 takes the object only if there is none. When an answer is lost, the next try finds the object there: its mark tells
   * whether it is ours.
   */
  async #putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const mark = randomUUID();
    return this.#retried(async ({ sdk, client }, { number }) => {
      try {
        await client.send(new sdk.PutObjectCommand({ ...this.#named(key), Body: bytes, IfNoneMatch: "*", Metadata: { [MARK]: mark } }));
        return true;
      } catch (error) {
        const { status, names } = findIn(error);
        if (status !== 412 && !names.includes("PreconditionFailed")) throw conditionRefusal(error, this.#address.url) ?? error;
        return number > 1 && (await this.#headNow(key))?.mark === mark;
      }
    });
  }

  async #putInPieces(key: string, bytes: Uint8Array): Promise<void> {
    const size = Math.max(WRITE_PIECE, Math.ceil(bytes.length / MOST_PIECES));
    const id = await this.#retried(async ({ sdk, client }) => (await client.send(new sdk.CreateMultipartUploadCommand(this.#named(key)))).UploadId);
    const upload = { ...this.#named(key), UploadId: id };
    try {
      const offsets = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
      const parts = await mapAtOnce(offsets, PIECES_AT_ONCE, (offset, index) =>
        this.#retried(async ({ sdk, client }) => {
          const Body = bytes.subarray(offset, offset + size);
          const { ETag } = await client.send(new sdk.UploadPartCommand({ ...upload, PartNumber: index + 1, Body }));
          return { ETag, PartNumber: index + 1 };
        }),
      );
      await this.#retried(async ({ sdk, client }, { number }) => {
        try {
          await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }));
        } catch (error) {
          // The answer of an earlier try was lost: the upload is over because it is complete.
          const isComplete = number > 1 && findIn(error).names.includes("NoSuchUpload") && (await this.#headNow(key))?.size === bytes.length;
          if (!isComplete) throw error;
        }
      });
    } catch (error) {
      // What was uploaded would be paid for until a rule of the bucket's takes it away.
      await this.#abandon(upload).catch(() => {});
      throw error;
    }
  }

  async #abandon(upload: { Bucket: string; Key: string; UploadId: string | undefined }): Promise<void> {
    const { sdk, client } = await this.#connect();
    await client.send(new sdk.AbortMultipartUploadCommand(upload));
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.#do("read", async () => {
      const found = await this.#head(key);
      return found === undefined ? undefined : { key, size: found.size, modifiedAt: found.modifiedAt };
    });
  }

  #head(key: string): Promise<Head | undefined> {
    return this.#retried(() => this.#headNow(key));
  }

  async #headNow(key: string): Promise<Head | undefined> {
    const { sdk, client } = await this.#connect();
    try {
      const { ContentLength = 0, LastModified, Metadata } = await client.send(new sdk.HeadObjectCommand(this.#named(key)));
      return { size: ContentLength, modifiedAt: LastModified?.getTime() ?? 0, mark: Metadata?.[MARK] };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      // Its answer has no words; another request's does.
      if (findIn(error).status === 400) await client.send(new sdk.ListObjectsV2Command({ ...this.#below(key), MaxKeys: 1 }));
      throw error;
    }
  }

  /** Makes an object young: S3 copies it onto itself, which it only does where something changes. False when there is none. */
  async touch(key: string): Promise<boolean> {
    return this.#do("write", () =>
      this.#retried(async ({ sdk, client }) => {
        const { Bucket, Key } = this.#named(key);
        const source = `${Bucket}/${Key.split("/").map(encodeURIComponent).join("/")}`;
        const changed = { MetadataDirective: "REPLACE", Metadata: { [MARK]: randomUUID() } } as const;
        try {
          await client.send(new sdk.CopyObjectCommand({ Bucket, Key, CopySource: source, ...changed }));
          return true;
        } catch (error) {
          if (isAbsent(error)) return false;
          throw error;
        }
      }),
    );
  }

  /** Objects whose key starts with the prefix, a page at a time. */
  async list(prefix: string, from: string | undefined): Promise<Page<ObjectInfo>> {
    return this.#do("list", () =>
      this.#retried(async ({ sdk, client }) => {
        const answer = await client.send(new sdk.ListObjectsV2Command({ ...this.#below(prefix), ContinuationToken: from }));
        const entries = (answer.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
          key: Key.slice(this.#place.prefix.length),
          size: Size,
          modifiedAt: LastModified?.getTime() ?? 0,
        }));
        return { entries, next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined };
      }),
    );
  }

  /** Names of the objects and folders directly below a folder's prefix; folders end in `/`. */
  async names(prefix: string): Promise<readonly string[]> {
    return this.#do("list", async () => {
      const names: string[] = [];
      let from: string | undefined;
      do {
        const page = await this.#namesPage(prefix, from);
        names.push(...page.entries);
        from = page.next;
      } while (from !== undefined);
      return names;
    });
  }

  #namesPage(prefix: string, from: string | undefined): Promise<Page<string>> {
    return this.#retried(async ({ sdk, client }) => {
      const below = this.#below(prefix);
      const answer = await client.send(new sdk.ListObjectsV2Command({ ...below, Delimiter: "/", ContinuationToken: from }));
      const keys = [...(answer.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix), ...(answer.Contents ?? []).map(({ Key = "" }) => Key)];
      const entries = keys.map((key) => key.slice(below.Prefix.length)).filter((name) => name !== "");
      return { entries, next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined };
    });
  }

  /**
   * Takes objects away. A request is sent again only if S3 took no notice of it: one whose end nobody knows may have taken an
   * object away, and if another was put under its key since, a second would take that.
   */
  async delete(keys: readonly string[]): Promise<void> {
    await this.#do("delete", async () => {
      for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) await this.#deleteBatch(keys.slice(start, start + KEYS_AT_ONCE));
    });
  }

  async #deleteBatch(keys: readonly string[]): Promise<void> {
    let left = keys.map((key) => this.#place.prefix + key);
    await this.#retried(async (connection) => {
      const failed = await sendDeletion(connection, this.#place.bucket, left).catch((error: unknown) => {
        throw isUnsure(error) ? this.#unsure(error) : error;
      });
      left = failed.map(({ key }) => key);
      const [first] = failed;
      const worst = failed.find(({ error }) => !isSlowDown(error)) ?? first;
      if (worst !== undefined) throw isUnsure(worst.error) ? this.#unsure(worst.error) : worst.error;
    });
  }

  #unsure(error: unknown): MillraceError {
    return new MillraceError("s3-deletion-unsure", { url: this.#address.url, reason: messageOf(error) }, { cause: error });
  }

  #named(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }

  #below(prefix: string): { Bucket: string; Prefix: string } {
    return { Bucket: this.#place.bucket, Prefix: this.#place.prefix + prefix };
  }

  #retried<T>(send: (connection: S3Connection, attempt: Try) => Promise<T>): Promise<T> {
    return withRetries(this.#patience, async (attempt) => {
      const connection = await this.#connect();
      return this.#gate.pass(() => send(connection, attempt));
    });
  }

  async #do<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, action, this.#address);
    }
  }
}

/** Metadata that tells one writer's object from another's. */
const MARK = "millrace-put";

interface Piece {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string | undefined;
}

interface Head {
  readonly size: number;
  readonly modifiedAt: number;
  readonly mark: string | undefined;
}

/** The bytes of an answer, all of them. */
async function bodyOf({ Body, ContentLength }: GetObjectCommandOutput): Promise<Uint8Array> {
  if (Body === undefined) throw new TruncatedBody("the answer has no body");
  if (ContentLength === undefined) return Body.transformToByteArray();
  const bytes = new Uint8Array(ContentLength);
  let filled = 0;
  for await (const chunk of Body as AsyncIterable<Uint8Array>) {
    if (filled + chunk.length > bytes.length) throw new TruncatedBody("the body is longer than the answer says");
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < bytes.length) throw new TruncatedBody(`the body has ${filled} bytes of ${bytes.length}`);
  return bytes;
}

/** `bytes 0-99/1234` is of 1234. */
function wholeSize(range: string | undefined): number | undefined {
  const [, size] = /\/(\d+)$/.exec(range ?? "") ?? [];
  return size === undefined ? undefined : Number(size);
}

function isAbsent(error: unknown): boolean {
  const { names, status } = findIn(error);
  return !names.includes("NoSuchBucket") && (names.includes("NoSuchKey") || names.includes("NotFound") || status === 404);
}
