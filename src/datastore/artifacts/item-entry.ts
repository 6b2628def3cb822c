import { hash } from "node:crypto";
import type { ArtifactRef } from "../../core/artifact-ref.js";

/** One item of a fan-out as its pack holds it. */
export interface ItemEntry {
  readonly ref: ArtifactRef;
  readonly label?: string;
}

const CHECK_LENGTH = 16;

/** A line of a pack: the first digits of a SHA-256, then the entry as JSON. The index is hashed too: no entry passes for another. */
export function formatEntry(entry: ItemEntry, index: number): string {
  const json = JSON.stringify(entry);
  return `${check(json, index)} ${json}\n`;
}

/** Undefined when the line is not what was written for that index. */
export function parseEntry(line: Uint8Array, index: number): ItemEntry | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8");
  const json = text.slice(CHECK_LENGTH + 1, -1);
  if (text.slice(0, CHECK_LENGTH) !== check(json, index)) return undefined;
  return JSON.parse(json) as ItemEntry;
}

/** All entries of a pack, or of a part of one, whose lines look whole. */
export function readEntries(text: string): ItemEntry[] {
  return text
    .split("\n")
    .filter((line) => line.length > CHECK_LENGTH)
    .map((line) => JSON.parse(line.slice(CHECK_LENGTH + 1)) as ItemEntry);
}

function check(json: string, index: number): string {
  return hash("sha256", `${index}:${json}`).slice(0, CHECK_LENGTH);
}
