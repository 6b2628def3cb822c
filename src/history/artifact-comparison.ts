import { isInline, type ArtifactRef } from "../core/artifact-ref.js";
import { sameValue } from "../codec/same-value.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { formatBytes } from "../core/quantity-text.js";
import { describeChange, type ValueChange } from "./value-change.js";

/** Larger values are not read to tell how they differ: that they do, their hashes tell. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

/** A stored value in one of two runs, and how to read it. */
export interface StoredSide {
  readonly ref: ArtifactRef;
  /** What people call it. */
  readonly name: string;
  readonly reader: ArtifactReader;
}

/** How two stored values differ; undefined when they are the same after all: equal values may be stored in two ways. */
export async function compareStored(before: StoredSide, after: StoredSide): Promise<ValueChange | undefined> {
  const sizes = [before, after].map(({ ref }) => (isInline(ref) ? 0 : ref.size));
  if (sizes.some((size) => size > MAX_READ_BYTES)) return { summary: `${sizes.map(formatBytes).join(" → ")}, not read`, places: [] };
  try {
    const [a, b] = await Promise.all([before, after].map(({ reader, ref, name }) => reader.load(ref, name)));
    return sameValue(a, b) ? undefined : describeChange(a, b);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { summary: `cannot be compared: ${error.message}`, places: [] };
  }
}
