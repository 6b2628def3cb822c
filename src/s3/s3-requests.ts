import type { GetObjectCommandOutput, HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { MillraceError } from "../core/errors/millrace-error.js";
import { formatObjectUrl, type ObjectPlace } from "../core/object-url.js";
import { findIn } from "../store/s3/error-facts.js";
import { Gate } from "../core/gate.js";
import type { S3Access } from "../store/s3/home-access.js";
import { Patience, withRetries, type Try } from "../store/s3/retries.js";
import { connectS3, type S3Connection } from "../store/s3/s3-client.js";
import { s3Error } from "../store/s3/s3-error.js";
import type { ObjectHead } from "./transfer-types.js";

/** Requests on their way at once. */
const AT_ONCE = 64;
/** Outages shorter than this are waited out. */
const PATIENCE_MS = 60_000;

/** Sends requests to S3, again when they fail on the way, and says in words what is wrong when they fail for good. */
export class S3Requests {
  readonly #access: S3Access;
  readonly #patience: Patience;
  readonly #gate = new Gate(AT_ONCE);
  #connection: Promise<S3Connection> | undefined;

  constructor(access: S3Access) {
    this.#access = access;
    this.#patience = new Patience(access.patienceMs ?? PATIENCE_MS, () => {});
  }

  /** One request. What it gives back has been read to its end: a body that was cut on its way is a reason to send it again. */
  send<T>(signal: AbortSignal | undefined, request: (connection: S3Connection, attempt: Try) => Promise<T>): Promise<T> {
    return withRetries(this.#patience, async (attempt) => {
      signal?.throwIfAborted();
      const connection = await (this.#connection ??= connectS3(this.#access, "millrace/s3"));
      return this.#gate.pass(() => request(connection, attempt));
    });
  }

  /**
   * An operation on one place.
   * @throws MillraceError `s3-denied`, `s3-bucket-missing` and others of S3
   */
  async named<T>(action: string, place: { readonly bucket: string; readonly key?: string }, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (isAbort(error)) throw error;
      throw s3Error(error, action, { kind: "s3", url: formatObjectUrl({ key: "", ...place }).replace(/\/$/, ""), ...this.#access });
    }
  }

  destroy(): void {
    void this.#connection?.then(({ client }) => client.destroy()).catch(() => {});
  }
}

export function isMissing(error: unknown): boolean {
  const { names, status } = findIn(error);
  return !names.includes("NoSuchBucket") && (names.includes("NoSuchKey") || names.includes("NotFound") || status === 404);
}

export function isStatus(error: unknown, status: number): boolean {
  return findIn(error).status === status;
}

export function missingObject(place: ObjectPlace): MillraceError {
  return new MillraceError("s3-object-missing", { url: formatObjectUrl(place) });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** What the answer of a request says of the object. */
export function headOf(
  key: string,
  place: ObjectPlace,
  answer: Pick<GetObjectCommandOutput | HeadObjectCommandOutput, "LastModified" | "ETag" | "ContentType" | "Metadata">,
  size: number,
): ObjectHead {
  const { [MARK]: _ours, ...metadata } = answer.Metadata ?? {};
  return {
    key,
    url: formatObjectUrl(place),
    size,
    lastModified: answer.LastModified ?? new Date(0),
    etag: answer.ETag,
    contentType: answer.ContentType,
    metadata,
  };
}

/** Metadata that tells one writer's object from another's. */
export const MARK = "millrace-put";
