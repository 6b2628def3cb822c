import { inspect, type InspectOptionsStylized } from "node:util";
import { isInline, type ArtifactRef } from "../core/artifact-ref.js";
import { hashOf } from "../datastore/artifacts/blob-parts.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import type { ObjectStore } from "../store/object-store.js";
import { describeObject } from "./inspection.js";

/** How a value is read. */
export interface ValueOptions {
  /**
   * What to put for an instance of a class whose codec is not registered in this process: it is given the codec's name
   * and what its `encode` returned. Without it, such a value is the error `codec-missing`.
   */
  readonly unknownCodec?: (codec: string, data: unknown) => unknown;
}

/** An artifact of a task: what it is, before its value is read. */
export class Artifact<T = unknown> {
  /** `Score/12/score/3/scores`. */
  readonly pathspec: string;
  readonly name: string;
  /** The task set it itself; else it came from before. */
  readonly own: boolean;
  /** The pathspec of the task that set it; undefined for a parameter or a field initialiser. */
  readonly source: string | undefined;
  readonly #store: ObjectStore;
  readonly #ref: () => ArtifactRef;

  /** @internal */
  constructor(about: Pick<Artifact, "pathspec" | "name" | "own" | "source">, store: ObjectStore, ref: () => ArtifactRef) {
    this.pathspec = about.pathspec;
    this.name = about.name;
    this.own = about.own;
    this.source = about.source;
    this.#store = store;
    this.#ref = ref;
  }

  /** How the value is encoded: `json`, `text`, `bytes`, `structured`, `arrow`, `list` … */
  get codec(): string {
    return this.#ref().codec;
  }

  /** Bytes of the encoded value, before compression. */
  get size(): number {
    const ref = this.#ref();
    return isInline(ref) ? inlineBytes(ref).length : ref.size;
  }

  /** SHA-256 (hex) of the encoded value: artifacts of equal content have the same. */
  get hash(): string {
    const ref = this.#ref();
    return isInline(ref) ? hashOf(inlineBytes(ref)) : ref.hash;
  }

  /**
   * Reads the value: a new one each time.
   * @throws MillraceError `artifact-damaged`, `artifact-missing`, `codec-missing` …
   */
  async value(options: ValueOptions = {}): Promise<T> {
    return (await readerFor(this.#store, options).load(this.#ref(), this.pathspec)) as T;
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    const { own, source } = this;
    return describeObject(`Artifact ${this.pathspec}`, { ...this.#about(), source: own ? undefined : source }, depth, options, show);
  }

  #about(): object {
    try {
      return { codec: this.codec, size: this.size, hash: `${this.hash.slice(0, 12)}…` };
    } catch (error) {
      return { unreadable: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** A reader that does with unknown codecs what the options say. */
export function readerFor(store: ObjectStore, { unknownCodec }: ValueOptions): ArtifactReader {
  return new ArtifactReader(store, unknownCodec === undefined ? {} : { unknownInstance: unknownCodec });
}

function inlineBytes(ref: ArtifactRef): Uint8Array {
  if (!isInline(ref)) return new Uint8Array(0);
  return ref.value === undefined ? Buffer.from(ref.base64 ?? "", "base64") : Buffer.from(JSON.stringify(ref.value));
}
