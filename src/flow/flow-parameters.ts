import type { ParameterDefinition } from "../core/definition.js";
import { isMillraceError, messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { constructFlow, type ConstructionObserver } from "./construction.js";
import { classChain, type FlowClass } from "./flow-class.js";
import type { FlowSpec } from "./flow-spec.js";
import { parameterFlag } from "./parameter-flag.js";
import { placeholderFor } from "./parameter-placeholder.js";
import type { ParameterSource, ParameterSpec } from "./parameter-source.js";

export interface FlowParameters {
  /** In source order, base classes first. */
  readonly definitions: readonly ParameterDefinition[];
  readonly specs: readonly ParameterSpec[];
}

interface ReadParameters extends FlowParameters {
  /** The field that each call of parameter() gives its value to, in the order of the calls. */
  readonly fields: readonly string[];
}

const known = new WeakMap<FlowClass, ReadParameters>();

/**
 * Learns a flow's parameters by constructing it once, each parameter with its default, or with an empty value of its
 * type where it has none. An initialiser that fails on such an empty value may, as long as no parameter comes after it.
 * @throws MillraceError `flow-construction-failed`, `parameter-not-a-field`, `bad-parameter-options`.
 */
export function readParameters(Flow: FlowClass): FlowParameters {
  return parametersOf(Flow);
}

/**
 * Constructs a flow whose parameters have the given values, so that field initialisers that use them see the real ones.
 * @param values By field name.
 * @throws MillraceError `flow-construction-failed` when an initialiser throws.
 */
export function createFlow<F extends FlowSpec>(Flow: FlowClass<F>, values: Readonly<Record<string, unknown>>): F {
  const { fields } = parametersOf(Flow);
  let calls = 0;
  try {
    return constructFlow(Flow, {
      receiveParameter() {
        const field = fields[calls++];
        return field === undefined ? undefined : values[field];
      },
    });
  } catch (error) {
    if (isMillraceError(error)) throw error;
    throw new MillraceError("flow-construction-failed", { flow: Flow.name, reason: messageOf(error), withoutValue: [] }, { cause: error });
  }
}

function parametersOf(Flow: FlowClass): ReadParameters {
  const read = known.get(Flow) ?? discover(Flow);
  known.set(Flow, read);
  return read;
}

function discover(Flow: FlowClass): ReadParameters {
  const discovery = new Discovery(Flow);
  try {
    constructFlow(Flow, discovery);
  } catch (error) {
    if (isMillraceError(error)) throw error;
    if (!discovery.isWhole()) throw discovery.failure(error);
  }
  return discovery.finish();
}

/** Hears a flow's fields being set, to learn which of them are parameters. */
class Discovery implements ConstructionObserver {
  readonly #Flow: FlowClass;
  readonly #fields: string[] = [];
  readonly #sources = new Map<string, ParameterSource>();
  /** The parameter whose value no field has been given yet. */
  #open: { readonly source: ParameterSource; readonly value: unknown } | undefined;
  #last: string | undefined;

  constructor(Flow: FlowClass) {
    this.#Flow = Flow;
  }

  receiveParameter(source: ParameterSource): unknown {
    this.#refuseOpen();
    const value = placeholderFor(source);
    this.#open = { source, value };
    return value;
  }

  receiveField(field: string, value: unknown): void {
    this.#last = field;
    if (this.#open === undefined) {
      // A subclass made a plain field of its base's parameter.
      this.#sources.delete(field);
      return;
    }
    if (!Object.is(this.#open.value, value)) this.#refuseOpen(field);
    this.#fields.push(field);
    this.#sources.set(field, this.#open.source);
    this.#open = undefined;
  }

  /** Are all parameters known though the construction broke off, for want of a value that only a run gives? */
  isWhole(): boolean {
    return this.#open === undefined && this.#withoutValue().length > 0 && this.#fields.length === callsInSource(this.#Flow);
  }

  failure(error: unknown): MillraceError {
    const parameters = { flow: this.#Flow.name, reason: messageOf(error), after: this.#last, withoutValue: this.#withoutValue() };
    return new MillraceError("flow-construction-failed", parameters, { cause: error });
  }

  finish(): ReadParameters {
    this.#refuseOpen();
    const specs = [...this.#sources].map(([name, source]) => ({ definition: define(name, source), source }));
    return { fields: this.#fields, specs, definitions: specs.map((spec) => spec.definition) };
  }

  #withoutValue(): readonly string[] {
    return [...this.#sources]
      .filter(([, source]) => source.kind === "file" || source.default === undefined || "make" in source.default)
      .map(([name]) => name);
  }

  #refuseOpen(field?: string): void {
    if (this.#open === undefined) return;
    throw new MillraceError("parameter-not-a-field", { flow: this.#Flow.name, call: callOf(this.#open.source), field });
  }
}

/** How often the text of the class and its bases calls `parameter()` and `includeFile()`. */
function callsInSource(Flow: FlowClass): number {
  // A bundler may number a name (`parameter2`), or call it as `(0, millrace.parameter)(…)`.
  const calls = /\b(?:parameter|includeFile)\d*\)?\(/g;
  return classChain(Flow).reduce((sum, part) => sum + (Function.prototype.toString.call(part).match(calls)?.length ?? 0), 0);
}

function callOf(source: ParameterSource): string {
  return source.kind === "file" ? "includeFile()" : "parameter()";
}

function define(name: string, source: ParameterSource): ParameterDefinition {
  const defaultText = textOfDefault(source);
  return {
    name,
    flag: parameterFlag(name),
    // Only the default's function could tell, and it is called when a run starts; text is what help can say till then.
    type: source.kind === "file" ? "file" : (source.type ?? "string"),
    list: source.kind === "value" && source.list,
    required: source.required ?? placeholderFor(source) === undefined,
    ...(source.help !== undefined && { help: source.help }),
    ...(defaultText !== undefined && { defaultText }),
    ...(source.default !== undefined && "make" in source.default && { computedDefault: true }),
    ...(source.env !== undefined && { env: source.env }),
  };
}

function textOfDefault({ default: fallback }: ParameterSource): string | undefined {
  if (fallback === undefined || "make" in fallback || fallback.value === null) return undefined;
  const { value } = fallback;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.join(",");
  // A schema's default may hold a bigint, which JSON cannot say.
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
}
