import { isInline, type ArtifactRef } from "../../core/artifact-ref.js";
import type { AttemptRecord, RunRecord } from "../../core/records.js";
import { archivesOf } from "../../core/remote-job.js";
import type { ObjectStore } from "../../store/object-store.js";
import { blobContent } from "../artifacts/blob-content.js";
import { blobKey } from "../artifacts/blob-key.js";
import { readEntries } from "../artifacts/item-entry.js";
import { PACK_CODEC } from "../artifacts/items-writer.js";
import { LIST_CODEC } from "../artifacts/list-artifact.js";

/** Gathers the keys of the blobs that records refer to, also by way of other blobs: lists and fan-outs' items. */
export class BlobReferences {
  readonly keys = new Set<string>();
  /** Blobs that refer to others and cannot be read. */
  readonly damaged: Error[] = [];
  readonly #store: ObjectStore;
  /** What refers to other blobs is read once. */
  readonly #followed = new Set<string>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async addRun({ code, parameters, initial, spin }: RunRecord): Promise<void> {
    for (const { key } of code.remote === undefined ? [] : archivesOf(code.remote)) this.keys.add(key);
    await this.addAll([code.package, ...Object.values(parameters), ...Object.values(initial)]);
    for (const given of Object.values(spin?.handedOn ?? {})) await this.addAll(Object.values(given));
    if (spin?.item !== undefined) await this.add(spin.item);
  }

  async addAttempt({ artifacts, items }: AttemptRecord): Promise<void> {
    await this.addAll(Object.values(artifacts));
    if (items !== undefined) await this.addAll([items.offsets, items.pack]);
  }

  async addAll(refs: Iterable<ArtifactRef>): Promise<void> {
    for (const ref of refs) await this.add(ref);
  }

  async add(ref: ArtifactRef): Promise<void> {
    if (!isInline(ref)) for (const part of ref.parts) this.keys.add(blobKey(part));
    if (ref.codec !== LIST_CODEC && ref.codec !== PACK_CODEC) return;
    const name = isInline(ref) ? undefined : `${ref.codec} ${ref.hash}`;
    if (name !== undefined && this.#followed.has(name)) return;
    if (name !== undefined) this.#followed.add(name);
    for await (const text of this.#texts(ref)) {
      const refs = ref.codec === LIST_CODEC ? (JSON.parse(text) as readonly ArtifactRef[]) : readEntries(text).map((entry) => entry.ref);
      await this.addAll(refs);
    }
  }

  /** The content of a list as one text, of a pack part by part: entries do not cross parts. */
  async *#texts(ref: ArtifactRef): AsyncGenerator<string> {
    if (isInline(ref)) {
      if (ref.base64 !== undefined) yield Buffer.from(ref.base64, "base64").toString("utf8");
      else yield typeof ref.value === "string" ? ref.value : JSON.stringify(ref.value);
      return;
    }
    const chunks: Uint8Array[] = [];
    for (const part of ref.parts) {
      const key = blobKey(part);
      const stored = await this.#store.get(key);
      const content = stored === undefined ? { reason: "is missing" } : blobContent(part, stored);
      if ("reason" in content) this.damaged.push(new Error(`${key} ${content.reason}`));
      else if (ref.codec === PACK_CODEC) yield Buffer.from(content.bytes).toString("utf8");
      else chunks.push(content.bytes);
    }
    if (ref.codec === LIST_CODEC && chunks.length === ref.parts.length) yield Buffer.concat(chunks).toString("utf8");
  }
}
