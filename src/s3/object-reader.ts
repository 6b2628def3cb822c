import { MillraceError } from "../core/errors/millrace-error.js";
import { formatObjectUrl, type ObjectPlace } from "../core/object-url.js";
import { readAhead } from "../core/read-ahead.js";
import { mapAtOnce } from "../core/gate.js";
import { TruncatedBody } from "../store/s3/retries.js";
import { headOf, isMissing, isStatus, missingObject, type S3Requests } from "./s3-requests.js";
import type { ObjectHead, ObjectRequest } from "./transfer-types.js";

/** Larger objects come in pieces of this size, several at once. */
const PIECE = 16 * 1024 * 1024;
const PIECES_AT_ONCE = 4;
/** How often an object may be replaced while it is read. */
const RESTARTS = 5;

/** The first piece of what was asked for, and what is known of all of it. */
interface FirstPiece {
  readonly head: ObjectHead;
  readonly bytes: Uint8Array;
  /** Bytes that were asked for and are there. */
  readonly length: number;
}

/** Takes the pieces of an object, in any order. */
export interface PieceSink {
  /** What comes: called once, and again from the start when the object was replaced meanwhile. */
  begin(length: number): Promise<void> | void;
  write(bytes: Uint8Array, offset: number): Promise<void> | void;
}

/** Reads objects piece by piece, all pieces of the same version. */
export class ObjectReader {
  readonly #requests: S3Requests;
  readonly #place: ObjectPlace;
  readonly #request: ObjectRequest;
  readonly #signal: AbortSignal | undefined;

  constructor(requests: S3Requests, place: ObjectPlace, request: ObjectRequest, signal: AbortSignal | undefined) {
    const { offset = 0, length = 0 } = request;
    if (![offset, length].every((value) => Number.isSafeInteger(value) && value >= 0)) {
      throw new MillraceError("s3-range-malformed", { key: request.key, offset: String(request.offset), length: String(request.length) });
    }
    this.#requests = requests;
    this.#place = place;
    this.#request = request;
    this.#signal = signal;
  }

  /** All of it, into a sink. Undefined when there is no object. */
  async readInto(sink: PieceSink): Promise<ObjectHead | undefined> {
    return this.#requests.named("read", this.#place, async () => {
      for (let restart = 0; restart < RESTARTS; restart++) {
        const first = await this.#first();
        if (first === undefined) return undefined;
        await sink.begin(first.length);
        await sink.write(first.bytes, 0);
        const written = await mapAtOnce(restOf(first), PIECES_AT_ONCE, async (offset) => {
          const bytes = await this.#piece(first, offset);
          if (bytes !== undefined) await sink.write(bytes, offset);
          return bytes !== undefined;
        });
        if (written.every(Boolean)) return first.head;
      }
      throw new MillraceError("s3-object-restless", { url: formatObjectUrl(this.#place) });
    });
  }

  /** Its bytes as they come, in order, a few pieces ahead. Fails when the object is replaced meanwhile. */
  async *stream(): AsyncGenerator<Uint8Array> {
    const first = await this.#requests.named("read", this.#place, () => this.#first());
    if (first === undefined) throw missingObject(this.#place);
    yield first.bytes;
    const pieces = readAhead(restOf(first), (offset) => this.#requests.named("read", this.#place, () => this.#piece(first, offset)), {
      atOnce: PIECES_AT_ONCE,
    });
    for await (const bytes of pieces) {
      if (bytes === undefined) throw new MillraceError("s3-object-restless", { url: formatObjectUrl(this.#place) });
      yield bytes;
    }
  }

  async #first(): Promise<FirstPiece | undefined> {
    const { key, offset = 0, length = Number.POSITIVE_INFINITY } = this.#request;
    if (length === 0) return this.#nothing();
    const wanted = Math.min(length, PIECE);
    return this.#requests.send(this.#signal, async ({ sdk, client }) => {
      try {
        const command = new sdk.GetObjectCommand({ ...this.#named(), Range: rangeOf(offset, wanted) });
        const answer = await client.send(command, { ...(this.#signal !== undefined && { abortSignal: this.#signal }) });
        const bytes = await bodyOf(answer.Body, answer.ContentLength);
        const size = sizeIn(answer.ContentRange) ?? offset + bytes.length;
        return { head: headOf(key, this.#place, answer, size), bytes, length: Math.min(length, size - offset) };
      } catch (error) {
        if (isMissing(error)) return undefined;
        // No byte of it is in the range: it is empty, or shorter than that.
        if (isStatus(error, 416)) return this.#nothing();
        throw error;
      }
    });
  }

  async #nothing(): Promise<FirstPiece | undefined> {
    const head = await readHead(this.#requests, this.#place, this.#request.key, this.#signal);
    if (head === undefined) return undefined;
    const { offset = 0 } = this.#request;
    if (offset > head.size) throw new MillraceError("s3-range-outside", { url: head.url, offset, size: head.size });
    return { head, bytes: new Uint8Array(0), length: 0 };
  }

  /** A further piece; undefined when the object is another one by now. */
  #piece({ head, length }: FirstPiece, at: number): Promise<Uint8Array | undefined> {
    const { offset = 0 } = this.#request;
    const size = Math.min(PIECE, length - at);
    return this.#requests.send(this.#signal, async ({ sdk, client }) => {
      try {
        const command = new sdk.GetObjectCommand({ ...this.#named(), Range: rangeOf(offset + at, size), IfMatch: head.etag });
        const answer = await client.send(command, { ...(this.#signal !== undefined && { abortSignal: this.#signal }) });
        const bytes = await bodyOf(answer.Body, answer.ContentLength);
        if (bytes.length !== size) throw new TruncatedBody(`the body has ${bytes.length} bytes of ${size}`);
        return bytes;
      } catch (error) {
        if (isStatus(error, 412) || isStatus(error, 416) || isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  #named(): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.key };
  }
}

/** What S3 tells of an object; undefined when there is none. */
export function readHead(requests: S3Requests, place: ObjectPlace, key: string, signal: AbortSignal | undefined): Promise<ObjectHead | undefined> {
  return requests.send(signal, async ({ sdk, client }) => {
    try {
      const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: place.bucket, Key: place.key }));
      return headOf(key, place, answer, answer.ContentLength ?? 0);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

function restOf({ bytes, length }: FirstPiece): number[] {
  const offsets: number[] = [];
  for (let offset = bytes.length; offset < length; offset += PIECE) offsets.push(offset);
  return offsets;
}

function rangeOf(offset: number, length: number): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

/** `bytes 0-99/1234` is of 1234. */
function sizeIn(range: string | undefined): number | undefined {
  const [, size] = /\/(\d+)$/.exec(range ?? "") ?? [];
  return size === undefined ? undefined : Number(size);
}

async function bodyOf(body: { transformToByteArray(): Promise<Uint8Array> } | undefined, length: number | undefined): Promise<Uint8Array> {
  const bytes = (await body?.transformToByteArray()) ?? new Uint8Array(0);
  if (length !== undefined && bytes.length !== length) throw new TruncatedBody(`the body has ${bytes.length} bytes of ${length}`);
  return bytes;
}
