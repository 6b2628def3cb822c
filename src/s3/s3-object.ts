import type { ObjectHead } from "./transfer-types.js";

/** An object that was fetched, with its bytes. */
export class S3Object implements ObjectHead {
  readonly key: string;
  readonly url: string;
  readonly size: number;
  readonly lastModified: Date;
  readonly etag: string | undefined;
  readonly contentType: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** The part that was asked for; all of it when no part was. */
  readonly bytes: Uint8Array;

  constructor(head: ObjectHead, bytes: Uint8Array) {
    this.key = head.key;
    this.url = head.url;
    this.size = head.size;
    this.lastModified = head.lastModified;
    this.etag = head.etag;
    this.contentType = head.contentType;
    this.metadata = head.metadata;
    this.bytes = bytes;
  }

  /** The bytes as UTF-8. */
  text(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength).toString("utf8");
  }

  /**
   * The text as JSON.
   * @throws SyntaxError
   */
  json(): unknown {
    return JSON.parse(this.text());
  }
}
