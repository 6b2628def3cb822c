/** Which object, and which part of it. */
export interface ObjectRequest {
  /** Relative to the client's root, or a whole `s3://bucket/key`. */
  readonly key: string;
  /** First byte that is wanted; 0 when absent. */
  readonly offset?: number;
  /** Bytes that are wanted; all to the end when absent. Fewer come when the object ends before. */
  readonly length?: number;
}

/** What S3 tells of an object. */
export interface ObjectInfo {
  /** As it was asked for. */
  readonly key: string;
  /** `s3://bucket/key`. */
  readonly url: string;
  /** Bytes of the whole object. */
  readonly size: number;
  readonly lastModified: Date;
  /** Changes with the content. */
  readonly etag: string | undefined;
}

/** An object's information with what its writer said of it. */
export interface ObjectHead extends ObjectInfo {
  readonly contentType: string | undefined;
  /** Names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What can be stored: a text (as UTF-8), bytes, or bytes as they come. */
export type ObjectBody = string | Uint8Array | ArrayBuffer | AsyncIterable<Uint8Array | string>;

/** How an object is stored. */
export interface PutOptions {
  /** `text/csv`. */
  readonly contentType?: string;
  /** Names and values in ASCII. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** False: an object that is there stays as it is. Default true. */
  readonly overwrite?: boolean;
}

/** One of many objects to store. */
export interface PutRequest extends PutOptions {
  readonly key: string;
  readonly body: ObjectBody;
}

/** One of many files to store. */
export interface UploadRequest extends PutOptions {
  readonly key: string;
  /** Path of the file. */
  readonly file: string;
}

/** One of many objects to fetch into files. */
export interface DownloadRequest extends ObjectRequest {
  /** Path of the file; its folders are made. */
  readonly file: string;
}

/** What became of an object that was to be stored. */
export interface PutResult {
  readonly key: string;
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** False: there was one already, and it was not to be overwritten. */
  readonly written: boolean;
}

/** An object that was fetched into a file. */
export interface Downloaded extends ObjectHead {
  readonly file: string;
}

/** How far a transfer of many objects has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Bytes so far, also of objects that are not done. */
  readonly bytes: number;
}

/** What every operation takes. */
export interface TransferOptions {
  /** Ends the operation. */
  readonly signal?: AbortSignal;
}

/** What operations on many objects take. */
export interface ManyOptions extends TransferOptions {
  /** Objects at once; default 32. */
  readonly concurrency?: number;
  /** Hears how far it has come; true shows a line on the terminal. */
  readonly progress?: boolean | ((progress: Progress) => void);
}

/** What is to happen when an object is not there: `error` (the default), or undefined in its place. */
export interface MissingOption {
  readonly missing?: "error" | "undefined";
}

/** With this, an object that is not there is undefined. */
export interface MissingAllowed {
  readonly missing: "undefined";
}
