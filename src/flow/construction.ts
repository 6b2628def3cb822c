import { MillraceError } from "../core/errors/millrace-error.js";
import type { FlowSpec } from "./flow-spec.js";
import type { ParameterSource } from "./parameter-source.js";

/** What hears of the parameters and fields of a flow that is being constructed. */
export interface ConstructionObserver {
  /** A field's initialiser called `parameter()` or `includeFile()`: the value it gets. */
  receiveParameter(source: ParameterSource): unknown;
  /** A field got its value, in the order of the source, base classes first. */
  receiveField?(name: string, value: unknown): void;
}

let observer: ConstructionObserver | undefined;

/** Constructs a flow while an observer answers for its parameters. */
export function constructFlow<F extends FlowSpec>(FlowClass: new () => F, by: ConstructionObserver): F {
  const outer = observer;
  observer = by;
  try {
    return new FlowClass();
  } finally {
    observer = outer;
  }
}

/** Called by `FlowSpec`'s constructor, before any field has a value: the object that the fields are set on. */
export function receiveConstruction<F extends FlowSpec>(flow: F): F {
  const receive = observer?.receiveField?.bind(observer);
  if (receive === undefined) return flow;
  return new Proxy(flow, {
    defineProperty(target, name, descriptor) {
      if (typeof name === "string") receive(name, descriptor.value);
      return Reflect.defineProperty(target, name, descriptor);
    },
  });
}

/** Called by `parameter()` and `includeFile()`. */
export function receiveParameter(source: ParameterSource): unknown {
  if (observer === undefined) throw new MillraceError("parameter-outside-field", { call: source.kind === "file" ? "includeFile()" : "parameter()" });
  return observer.receiveParameter(source);
}
