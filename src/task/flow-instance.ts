import type { FlowSpec } from "../flow/flow-spec.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { GraphStep } from "../core/graph.js";
import { ArtifactCell, type LoadArtifact } from "./artifact-cell.js";
import type { StoredArtifact } from "../datastore/handed-on.js";

/** What became of one field while the step ran. */
export type FieldChange =
  /** Nothing: it is handed on as it was stored. */
  | { readonly kind: "untouched"; readonly name: string; readonly stored: StoredArtifact }
  /** It was read; its value may have been changed in place. */
  | { readonly kind: "read"; readonly name: string; readonly stored: StoredArtifact; readonly value: unknown }
  | { readonly kind: "set"; readonly name: string; readonly value: unknown; readonly before: StoredArtifact | undefined };

/** A flow's instance for one task: its artifacts stand behind its fields. */
export class FlowInstance {
  readonly flow: FlowSpec;
  readonly #cells = new Map<string, ArtifactCell>();
  readonly #guards = new Map<string, PropertyDescriptor>();
  /** Fields that are no artifacts yet, with the value their initialiser gave them. */
  readonly #initial = new Map<string, unknown>();
  readonly #load: LoadArtifact;

  constructor(options: {
    readonly flow: FlowSpec;
    readonly artifacts: ReadonlyMap<string, StoredArtifact>;
    readonly load: LoadArtifact;
    readonly step: GraphStep;
  }) {
    this.flow = options.flow;
    this.#load = options.load;
    for (const [name, stored] of options.artifacts) this.attach(name, stored);
    for (const name of Object.keys(this.flow)) {
      if (!this.#cells.has(name)) this.#initial.set(name, Reflect.get(this.flow, name));
    }
    for (const lost of options.step.lost) this.#guard(options.step.name, lost);
  }

  /** Puts a stored artifact behind a field. */
  attach(name: string, stored: StoredArtifact): void {
    const cell = new ArtifactCell(name, stored, this.#load);
    this.#cells.set(name, cell);
    this.#initial.delete(name);
    Object.defineProperty(this.flow, name, cell.descriptor);
  }

  /** The step has set the field itself (or a merge has). */
  hasSet(name: string): boolean {
    const cell = this.#cells.get(name);
    if (cell !== undefined && this.#holds(name, cell.descriptor)) return cell.state === "set";
    if (this.#holds(name, this.#guards.get(name))) return false;
    return Object.hasOwn(this.flow, name) && Reflect.get(this.flow, name) !== this.#initial.get(name);
  }

  /** A field whose artifact cannot reach this step: reading it says so, setting it makes it an artifact of this step. */
  #guard(step: string, lost: GraphStep["lost"][number]): void {
    const { name } = lost;
    if (this.#cells.has(name) || this.#initial.get(name) !== undefined) return;
    const descriptor: PropertyDescriptor = {
      get: () => {
        throw new MillraceError("artifact-lost", { name, step, setBy: lost.setBy, lostAt: lost.lostAt });
      },
      set: (value: unknown) => Object.defineProperty(this.flow, name, { value, writable: true, enumerable: true, configurable: true }),
      enumerable: false,
      configurable: true,
    };
    this.#guards.set(name, descriptor);
    Object.defineProperty(this.flow, name, descriptor);
  }

  /** What became of each field, in the order they came to be. */
  *changes(): Generator<FieldChange> {
    for (const [name, cell] of this.#cells) {
      if (this.#holds(name, cell.descriptor)) yield cellChange(cell);
      // The field was deleted, or defined anew.
      else yield { kind: "set", name, value: Object.hasOwn(this.flow, name) ? Reflect.get(this.flow, name) : undefined, before: cell.stored };
    }
    for (const name of Object.keys(this.flow)) {
      if (this.#cells.has(name) || this.#holds(name, this.#guards.get(name))) continue;
      const value: unknown = Reflect.get(this.flow, name);
      if (this.#initial.has(name) && Object.is(this.#initial.get(name), value)) continue;
      yield { kind: "set", name, value, before: undefined };
    }
  }

  #holds(name: string, descriptor: PropertyDescriptor | undefined): boolean {
    return descriptor !== undefined && Object.getOwnPropertyDescriptor(this.flow, name)?.get === descriptor.get;
  }
}

function cellChange(cell: ArtifactCell): FieldChange {
  const { name, stored } = cell;
  if (cell.state === "set") return { kind: "set", name, value: cell.value, before: stored };
  return cell.state === "loaded" ? { kind: "read", name, stored, value: cell.value } : { kind: "untouched", name, stored };
}
