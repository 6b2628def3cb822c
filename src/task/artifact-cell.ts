import type { StoredArtifact } from "../datastore/handed-on.js";

/** Reads a stored artifact's value. */
export type LoadArtifact = (name: string, stored: StoredArtifact) => unknown;

/**
 * One artifact of a running task, behind a field of the flow instance: read from the datastore when it is first
 * touched, and known to be touched or set.
 */
export class ArtifactCell {
  readonly name: string;
  /** What the task started with. */
  readonly stored: StoredArtifact;
  #state: "stored" | "loaded" | "set";
  #value: unknown;
  readonly #load: LoadArtifact;
  readonly descriptor: PropertyDescriptor;

  constructor(name: string, stored: StoredArtifact, load: LoadArtifact) {
    this.name = name;
    this.stored = stored;
    this.#state = "stored";
    this.#load = load;
    this.descriptor = {
      get: () => this.#get(),
      set: (value: unknown) => this.#set(value),
      enumerable: true,
      configurable: true,
    };
  }

  get state(): "stored" | "loaded" | "set" {
    return this.#state;
  }

  /** The value, when it is loaded or set. */
  get value(): unknown {
    return this.#value;
  }

  #get(): unknown {
    if (this.#state === "stored") {
      this.#value = this.#load(this.name, this.stored);
      this.#state = "loaded";
    }
    return this.#value;
  }

  #set(value: unknown): void {
    this.#value = value;
    this.#state = "set";
  }
}
