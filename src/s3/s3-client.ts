import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import { formatObjectUrl, parseObjectUrl, type ObjectPlace } from "../core/object-url.js";
import { readAhead } from "../core/read-ahead.js";
import { formatS3Url, parseS3Url, type S3Place } from "../core/store-address.js";
import { partsOf, partsOfFile } from "./body-parts.js";
import { deleteObjects } from "./deletion.js";
import { workOnMany, type OneOfMany } from "./many.js";
import { ObjectReader, readHead } from "./object-reader.js";
import { ObjectWriter, type WriteOptions } from "./object-writer.js";
import { listPages, type ListOptions } from "./listing.js";
import { S3Object } from "./s3-object.js";
import { missingObject, type S3Requests } from "./s3-requests.js";
import type {
  Downloaded,
  DownloadRequest,
  ManyOptions,
  MissingAllowed,
  MissingOption,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectRequest,
  PutOptions,
  PutRequest,
  PutResult,
  TransferOptions,
  UploadRequest,
} from "./transfer-types.js";

/** What names an object: its key, or a request with more. */
type Wanted = string | ObjectRequest;

const NO_OPTIONS = {};
/** Objects that are fetched ahead of who walks them. */
const EACH_AHEAD = 8;

/**
 * Objects in S3: fetched, stored, looked at, listed and deleted, one or many at once. Keys are relative to the client's root, or whole
 * `s3://bucket/key` URLs. Requests that fail on their way are sent again; what fails for good is a `MillraceError`
 * (`s3-object-missing`, `s3-denied`, `s3-bucket-missing` …). Results are in the order of the requests.
 */
export class S3 implements Disposable {
  readonly #root: S3Place | undefined;
  readonly #requests: S3Requests;

  /** @internal */
  constructor(root: S3Place | undefined, requests: S3Requests) {
    this.#root = root;
    this.#requests = requests;
  }

  /** The place that keys are relative to, `s3://bucket/prefix`; undefined when keys are whole URLs. */
  get root(): string | undefined {
    return this.#root && formatS3Url(this.#root);
  }

  /** The URL of a key: `s3://bucket/prefix/key`. */
  url(key: string): string {
    return formatObjectUrl(this.#placeOf(key));
  }

  /** Fetches an object, or a part of one, into memory. */
  get(wanted: Wanted, options: TransferOptions & MissingAllowed): Promise<S3Object | undefined>;
  get(wanted: Wanted, options?: TransferOptions & MissingOption): Promise<S3Object>;
  async get(wanted: Wanted, { signal, missing }: TransferOptions & MissingOption = NO_OPTIONS): Promise<S3Object | undefined> {
    return this.#get(wanted, missing, signal);
  }

  /** Fetches objects into memory, which has to hold all of them; {@link each} holds a few. */
  getMany(wanted: readonly Wanted[], options: ManyOptions & MissingAllowed): Promise<(S3Object | undefined)[]>;
  getMany(wanted: readonly Wanted[], options?: ManyOptions & MissingOption): Promise<S3Object[]>;
  async getMany(wanted: readonly Wanted[], options: ManyOptions & MissingOption = NO_OPTIONS): Promise<(S3Object | undefined)[]> {
    return workOnMany("fetching", wanted, options, async (one, { signal, onBytes }) => {
      const object = await this.#get(one, options.missing, signal);
      onBytes(object?.bytes.length ?? 0);
      return object;
    });
  }

  /** Walks objects in the order of the requests, a few of them fetched ahead: so many are in memory at once, and no more. */
  each(wanted: Iterable<Wanted>, options: TransferOptions & MissingAllowed & { readonly ahead?: number }): AsyncGenerator<S3Object | undefined>;
  each(wanted: Iterable<Wanted>, options?: TransferOptions & MissingOption & { readonly ahead?: number }): AsyncGenerator<S3Object>;
  each(
    wanted: Iterable<Wanted>,
    { signal, missing, ahead = EACH_AHEAD }: TransferOptions & MissingOption & { readonly ahead?: number } = NO_OPTIONS,
  ): AsyncGenerator<S3Object | undefined> {
    return readAhead(wanted, (one) => this.#get(one, missing, signal), { atOnce: ahead });
  }

  /** An object's bytes as they come, whatever its size; for `pipeline` and `for await`. */
  stream(wanted: Wanted, { signal }: TransferOptions = NO_OPTIONS): AsyncGenerator<Uint8Array> {
    const request = asRequest(wanted);
    return new ObjectReader(this.#requests, this.#placeOf(request.key), request, signal).stream();
  }

  /** Looks at an object. */
  head(key: string, options: TransferOptions & MissingAllowed): Promise<ObjectHead | undefined>;
  head(key: string, options?: TransferOptions & MissingOption): Promise<ObjectHead>;
  async head(key: string, { signal, missing }: TransferOptions & MissingOption = NO_OPTIONS): Promise<ObjectHead | undefined> {
    return this.#head(key, missing, signal);
  }

  /** Looks at objects. */
  headMany(keys: readonly string[], options: ManyOptions & MissingAllowed): Promise<(ObjectHead | undefined)[]>;
  headMany(keys: readonly string[], options?: ManyOptions & MissingOption): Promise<ObjectHead[]>;
  async headMany(keys: readonly string[], options: ManyOptions & MissingOption = NO_OPTIONS): Promise<(ObjectHead | undefined)[]> {
    return workOnMany("looking at", keys, options, (key, { signal }) => this.#head(key, options.missing, signal));
  }

  /** Stores an object. Bytes that come from a stream are stored as they come, in parts. */
  async put(key: string, body: ObjectBody, { signal, ...options }: PutOptions & TransferOptions = NO_OPTIONS): Promise<PutResult> {
    return this.#put(key, partsOf(body), { ...options, signal, onBytes: () => {} });
  }

  /** Stores objects. */
  async putMany(requests: readonly PutRequest[], options: ManyOptions = NO_OPTIONS): Promise<PutResult[]> {
    return workOnMany("storing", requests, options, ({ key, body, ...rest }, one) => this.#put(key, partsOf(body), { ...rest, ...one }));
  }

  /** Stores a file, of any size. */
  async upload(key: string, file: string, { signal, ...options }: PutOptions & TransferOptions = NO_OPTIONS): Promise<PutResult> {
    return this.#put(key, partsOfFile(file), { ...options, signal, onBytes: () => {} });
  }

  /** Stores files. */
  async uploadMany(requests: readonly UploadRequest[], options: ManyOptions = NO_OPTIONS): Promise<PutResult[]> {
    return workOnMany("uploading", requests, options, ({ key, file, ...rest }, one) => this.#put(key, partsOfFile(file), { ...rest, ...one }));
  }

  /** Fetches an object into a file. The file is whole or not there: it appears under its name when all of it has come. */
  download(wanted: Wanted, file: string, options: TransferOptions & MissingAllowed): Promise<Downloaded | undefined>;
  download(wanted: Wanted, file: string, options?: TransferOptions & MissingOption): Promise<Downloaded>;
  async download(wanted: Wanted, file: string, { signal, missing }: TransferOptions & MissingOption = NO_OPTIONS): Promise<Downloaded | undefined> {
    return this.#download({ ...asRequest(wanted), file }, missing, { signal, onBytes: () => {} });
  }

  /** Fetches objects into files. */
  downloadMany(requests: readonly DownloadRequest[], options: ManyOptions & MissingAllowed): Promise<(Downloaded | undefined)[]>;
  downloadMany(requests: readonly DownloadRequest[], options?: ManyOptions & MissingOption): Promise<Downloaded[]>;
  async downloadMany(requests: readonly DownloadRequest[], options: ManyOptions & MissingOption = NO_OPTIONS): Promise<(Downloaded | undefined)[]> {
    return workOnMany("downloading", requests, options, (request, one) => this.#download(request, options.missing, one));
  }

  /** Deletes an object. One that is not there is no error. */
  async delete(key: string, { signal }: TransferOptions = NO_OPTIONS): Promise<void> {
    await deleteObjects(this.#requests, [this.#placeOf(key)], { ...(signal !== undefined && { signal }) });
  }

  /** Deletes objects, up to a thousand in a request; `concurrency` counts requests, and is 4 unless said otherwise. */
  async deleteMany(keys: readonly string[], options: ManyOptions = NO_OPTIONS): Promise<void> {
    await deleteObjects(
      this.#requests,
      keys.map((key) => this.#placeOf(key)),
      options,
    );
  }

  /**
   * Walks the objects of a folder, in the order of their keys, which are relative to the client's root. `list("a/b")` tells of
   * `a/b/c`, and not of `a/bc`.
   * @param folder All of the root when absent; without a root, `s3://bucket/folder`.
   */
  async *list(folder = "", options: ListOptions = NO_OPTIONS): AsyncGenerator<ObjectInfo> {
    const place = this.#folderOf(folder);
    for await (const { objects } of listPages(this.#requests, place, options)) {
      for (const { key, ...rest } of objects)
        yield { key: this.#keyOf({ bucket: place.bucket, key }), url: formatObjectUrl({ bucket: place.bucket, key }), ...rest };
    }
  }

  /** Walks the folders directly in a folder; each ends in a slash. */
  async *folders(folder = "", { signal }: TransferOptions = NO_OPTIONS): AsyncGenerator<string> {
    const place = this.#folderOf(folder);
    for await (const { folders } of listPages(this.#requests, place, { deep: false, ...(signal !== undefined && { signal }) })) {
      for (const key of folders) yield this.#keyOf({ bucket: place.bucket, key });
    }
  }

  /** Lets go of its connections. They do not keep a program from ending. */
  [Symbol.dispose](): void {
    this.#requests.destroy();
  }

  async #get(wanted: Wanted, missing: MissingOption["missing"], signal: AbortSignal | undefined): Promise<S3Object | undefined> {
    const request = asRequest(wanted);
    const place = this.#placeOf(request.key);
    let bytes: Uint8Array = new Uint8Array(0);
    const head = await new ObjectReader(this.#requests, place, request, signal).readInto({
      begin: (length) => void (bytes = new Uint8Array(length)),
      write: (piece, offset) => {
        // One piece is all of it, as a rule: then it need not be copied.
        if (piece.length === bytes.length) bytes = piece;
        else bytes.set(piece, offset);
      },
    });
    return head === undefined ? absent(place, missing) : new S3Object(head, bytes);
  }

  async #head(key: string, missing: MissingOption["missing"], signal: AbortSignal | undefined): Promise<ObjectHead | undefined> {
    const place = this.#placeOf(key);
    const head = await this.#requests.named("read", place, () => readHead(this.#requests, place, key, signal));
    return head ?? absent(place, missing);
  }

  async #put(key: string, parts: AsyncGenerator<Uint8Array>, options: WriteOptions): Promise<PutResult> {
    const place = this.#placeOf(key);
    const size = await new ObjectWriter(this.#requests, place, options).write(parts);
    return { key, url: formatObjectUrl(place), size: size ?? 0, written: size !== undefined };
  }

  async #download(
    { file, ...request }: DownloadRequest,
    missing: MissingOption["missing"],
    { signal, onBytes }: { readonly signal: AbortSignal | undefined; readonly onBytes: OneOfMany["onBytes"] },
  ): Promise<Downloaded | undefined> {
    const place = this.#placeOf(request.key);
    await mkdir(dirname(file), { recursive: true });
    const partial = `${file}.${randomUUID()}.part`;
    try {
      const head = await this.#fill(partial, new ObjectReader(this.#requests, place, request, signal), onBytes);
      if (head === undefined) return absent(place, missing);
      await rename(partial, file);
      return { ...head, file };
    } finally {
      await rm(partial, { force: true });
    }
  }

  async #fill(partial: string, reader: ObjectReader, onBytes: OneOfMany["onBytes"]): Promise<ObjectHead | undefined> {
    await using handle = await open(partial, "wx");
    return await reader.readInto({
      begin: (length) => handle.truncate(length),
      write: async (bytes, offset) => {
        await handle.write(bytes, 0, bytes.length, offset);
        onBytes(bytes.length);
      },
    });
  }

  #placeOf(key: string): ObjectPlace {
    const place = /^s3:\/\//i.test(key) ? parseObjectUrl(key) : this.#below(key);
    if (place === undefined) throw new MillraceError("s3-key-malformed", { key, root: this.root });
    return place;
  }

  #below(key: string): ObjectPlace | undefined {
    if (this.#root === undefined || key === "" || key.startsWith("/")) return undefined;
    return { bucket: this.#root.bucket, key: this.#root.prefix + key };
  }

  /** A folder's place; its prefix ends in a slash, or is empty. */
  #folderOf(folder: string): S3Place {
    const place = /^s3:\/\//i.test(folder) ? parseS3Url(folder) : folderBelow(this.#root, folder);
    if (place === undefined) throw new MillraceError("s3-key-malformed", { key: folder, root: this.root });
    return place;
  }

  /** What an object is called by this client. */
  #keyOf(place: ObjectPlace): string {
    const root = this.#root;
    if (root === undefined || root.bucket !== place.bucket || !place.key.startsWith(root.prefix)) return formatObjectUrl(place);
    return place.key.slice(root.prefix.length);
  }
}

function folderBelow(root: S3Place | undefined, folder: string): S3Place | undefined {
  if (root === undefined || folder.startsWith("/")) return undefined;
  return { bucket: root.bucket, prefix: root.prefix + (folder === "" || folder.endsWith("/") ? folder : `${folder}/`) };
}

function asRequest(wanted: Wanted): ObjectRequest {
  return typeof wanted === "string" ? { key: wanted } : wanted;
}

function absent(place: ObjectPlace, missing: MissingOption["missing"]): undefined {
  if (missing !== "undefined") throw missingObject(place);
  return undefined;
}
