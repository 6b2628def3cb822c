import { randomUUID } from "node:crypto";
import { formatObjectUrl, type ObjectPlace } from "../core/object-url.js";
import { findIn } from "../store/s3/error-facts.js";
import { Gate } from "../core/gate.js";
import type { Try } from "../store/s3/retries.js";
import type { S3Connection } from "../store/s3/s3-client.js";
import { conditionRefusal } from "../store/s3/s3-error.js";
import { isMissing, isStatus, MARK, type S3Requests } from "./s3-requests.js";
import type { PutOptions } from "./transfer-types.js";

/** Parts of one object on their way, and in memory, at once. */
const PARTS_AT_ONCE = 4;

export interface WriteOptions extends PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears of bytes that have been stored. */
  readonly onBytes: (bytes: number) => void;
}

/** Stores one object: in one request, or in parts when it has more than one. */
export class ObjectWriter {
  readonly #requests: S3Requests;
  readonly #place: ObjectPlace;
  readonly #options: WriteOptions;
  readonly #mark = randomUUID();

  constructor(requests: S3Requests, place: ObjectPlace, options: WriteOptions) {
    this.#requests = requests;
    this.#place = place;
    this.#options = options;
  }

  /** The bytes that it has; undefined when there is an object already that is not to be overwritten. */
  async write(parts: AsyncGenerator<Uint8Array>): Promise<number | undefined> {
    try {
      const first = await parts.next();
      const second = await parts.next();
      const bytes = first.done === true ? new Uint8Array(0) : first.value;
      if (await this.#isTaken()) return undefined;
      if (second.done === true) return await this.#putWhole(bytes);
      return await this.#putParts(bytes, second.value, parts);
    } finally {
      await parts.return(undefined);
    }
  }

  async #putWhole(bytes: Uint8Array): Promise<number | undefined> {
    const written = await this.#unlessThere(async (connection) => {
      await connection.client.send(
        new connection.sdk.PutObjectCommand({ ...this.#described(this.#options.overwrite === false), ...this.#condition(), Body: bytes }),
      );
    });
    if (!written) return undefined;
    this.#options.onBytes(bytes.length);
    return bytes.length;
  }

  async #putParts(first: Uint8Array, second: Uint8Array, rest: AsyncGenerator<Uint8Array>): Promise<number | undefined> {
    const UploadId = await this.#send(
      async ({ sdk, client }) => (await client.send(new sdk.CreateMultipartUploadCommand(this.#described(true)))).UploadId,
    );
    const upload = { ...this.#named(), UploadId };
    try {
      const gate = new Gate(PARTS_AT_ONCE);
      const sent: Promise<{ ETag: string | undefined; PartNumber: number }>[] = [];
      let failed = false;
      let size = 0;
      const add = (Body: Uint8Array): Promise<void> => {
        const PartNumber = sent.length + 1;
        size += Body.length;
        return new Promise((begun) => {
          const part = gate.pass(async () => {
            begun();
            return this.#send(async ({ sdk, client }) => {
              const { ETag } = await client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body }));
              return { ETag, PartNumber };
            });
          });
          part.then(
            () => this.#options.onBytes(Body.length),
            () => (failed = true),
          );
          sent.push(part);
        });
      };
      // No part is read before there is room for it.
      await add(first);
      await add(second);
      for await (const part of rest) {
        if (failed) break;
        await add(part);
      }
      const Parts = await Promise.all(sent);
      const written =
        !(await this.#isTaken()) &&
        (await this.#unlessThere(async (connection, number) => {
          const { sdk, client } = connection;
          try {
            await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, ...this.#condition(), MultipartUpload: { Parts } }));
          } catch (error) {
            // The answer of an earlier try was lost: the upload is over because it is complete.
            if (number === 1 || !findIn(error).names.includes("NoSuchUpload") || (await this.#markThere(connection)) !== this.#mark) throw error;
          }
        }));
      if (!written) await this.#abandon(upload);
      return written ? size : undefined;
    } catch (error) {
      // What was uploaded would be paid for until a rule of the bucket's takes it away.
      await this.#abandon(upload);
      throw error;
    }
  }

  /**
   * Whether there is an object that is to stay, asked of services that may overlook the condition (Ceph does when parts are put
   * together, MinIO before mid-2024 always did): then only what another writer stores at the same moment is not seen.
   */
  async #isTaken(): Promise<boolean> {
    if (this.#options.overwrite !== false) return false;
    return this.#send(async ({ sdk, client, isAws }) => {
      if (isAws() === true) return false;
      try {
        await client.send(new sdk.HeadObjectCommand(this.#named()));
        return true;
      } catch (error) {
        // Who may only write is not told.
        if (isMissing(error) || isStatus(error, 403)) return false;
        throw error;
      }
    });
  }

  /** Stores, unless there is an object that is to stay; when an answer is lost, the object's mark tells whether it is ours. */
  #unlessThere(store: (connection: S3Connection, number: number) => Promise<void>): Promise<boolean> {
    return this.#send(async (connection, { number }) => {
      try {
        await store(connection, number);
        return true;
      } catch (error) {
        if (this.#options.overwrite !== false) throw error;
        if (!isStatus(error, 412)) throw conditionRefusal(error, formatObjectUrl(this.#place)) ?? error;
        return number > 1 && (await this.#markThere(connection)) === this.#mark;
      }
    });
  }

  async #markThere({ sdk, client }: S3Connection): Promise<string | undefined> {
    return (await client.send(new sdk.HeadObjectCommand(this.#named()))).Metadata?.[MARK];
  }

  async #abandon(upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined }): Promise<void> {
    await this.#requests.send(undefined, ({ sdk, client }) => client.send(new sdk.AbortMultipartUploadCommand(upload))).catch(() => {});
  }

  /** What goes wrong with the body itself is told as it is. */
  #send<T>(request: (connection: S3Connection, attempt: Try) => Promise<T>): Promise<T> {
    return this.#requests.named("write", this.#place, () => this.#requests.send(this.#options.signal, request));
  }

  #named(): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.key };
  }

  #described(marked: boolean): {
    readonly Bucket: string;
    readonly Key: string;
    readonly ContentType?: string;
    readonly Metadata: Record<string, string>;
  } {
    const { contentType, metadata } = this.#options;
    const Metadata = { ...metadata, ...(marked && { [MARK]: this.#mark }) };
    return { ...this.#named(), ...(contentType !== undefined && { ContentType: contentType }), Metadata };
  }

  #condition(): { readonly IfNoneMatch?: string } {
    return this.#options.overwrite === false ? { IfNoneMatch: "*" } : {};
  }
}
