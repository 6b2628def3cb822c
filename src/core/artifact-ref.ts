import type { JsonValue } from "./json.js";

/**
 * Where a stored value is and how its bytes are read. Small values stand in the record itself (`inline`), larger ones
 * in blobs under the hash of their content.
 */
export type ArtifactRef = InlineArtifact | BlobArtifact;

interface ArtifactEncoding {
  /** Which codec reads the bytes: `json`, `v8`, `bytes`, … */
  readonly codec: string;
  /** What the codec needs to know beside the bytes. */
  readonly meta?: JsonValue;
}

/** A JSON value as it is, or other small bytes as base64. */
export type InlineArtifact = ArtifactEncoding &
  ({ readonly value: JsonValue; readonly base64?: never } | { readonly base64: string; readonly value?: never });

export interface BlobArtifact extends ArtifactEncoding {
  /** SHA-256 (hex) of the encoded bytes; for a value of several parts, of its parts' hashes. Equal content, equal hash. */
  readonly hash: string;
  /** Encoded bytes in all, before compression. */
  readonly size: number;
  /** The blobs that hold the bytes, in order. */
  readonly parts: readonly BlobPart[];
}

/** One content-addressed object of the datastore. */
export interface BlobPart {
  /** SHA-256 (hex) of the bytes before compression. */
  readonly hash: string;
  /** Bytes before compression. */
  readonly size: number;
  /** How the object is compressed; absent when it is not. */
  readonly compression?: "br";
  /** Which copy of the object; absent for the usual one. A copy is made when the usual one is being cleaned up at that moment. */
  readonly copy?: string;
}

export function isInline(ref: ArtifactRef): ref is InlineArtifact {
  return !("parts" in ref);
}

/** Equal content by what the refs say. */
export function isSameArtifact(a: ArtifactRef, b: ArtifactRef): boolean {
  if (isInline(a) || isInline(b)) return isInline(a) && isInline(b) && JSON.stringify(a) === JSON.stringify(b);
  return a.hash === b.hash && a.codec === b.codec && JSON.stringify(a.meta) === JSON.stringify(b.meta);
}
