import type { ParameterDefinition } from "../core/definition.js";
import { isMillraceError, messageOf, MillraceError } from "../core/errors/millrace-error.js";
import { constructFlow } from "./construction.js";
import type { FlowClass } from "./flow-class.js";
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
 * type where it has none.
 * @throws MillraceError `flow-construction-failed`, `parameter-not-a-field`, `bad-parameter-options`.
 */
export function readParameters(Flow: FlowClass): FlowParameters {
  return parametersOf(Flow);
}

/**
 * Constructs a flow whose parameters have the given values, so that field initialisers that use them see the real ones.
 * @param values By field name.
 */
export function createFlow<F extends FlowSpec>(Flow: FlowClass<F>, values: Readonly<Record<string, unknown>>): F {
  const { fields } = parametersOf(Flow);
  let calls = 0;
  return construct(Flow, {
    receiveParameter() {
      const field = fields[calls++];
      return field === undefined ? undefined : values[field];
    },
  });
}

function parametersOf(Flow: FlowClass): ReadParameters {
  const read = known.get(Flow) ?? discover(Flow);
  known.set(Flow, read);
  return read;
}

function discover(Flow: FlowClass): ReadParameters {
  const fields: string[] = [];
  const sources = new Map<string, ParameterSource>();
  // The parameter whose value no field has been given yet.
  let open: { readonly source: ParameterSource; readonly value: unknown } | undefined;
  const close = (field?: string): void => {
    if (open === undefined) return;
    throw new MillraceError("parameter-not-a-field", { flow: Flow.name, call: callOf(open.source), field });
  };
  construct(Flow, {
    receiveParameter(source) {
      close();
      const value = placeholderFor(source);
      open = { source, value };
      return value;
    },
    receiveField(field, value) {
      if (open === undefined) return;
      if (!Object.is(open.value, value)) close(field);
      fields.push(field);
      sources.set(field, open.source);
      open = undefined;
    },
  });
  close();
  const specs = [...sources].map(([name, source]) => ({ definition: define(name, source), source }));
  return { fields, specs, definitions: specs.map((spec) => spec.definition) };
}

function construct<F extends FlowSpec>(Flow: FlowClass<F>, observer: Parameters<typeof constructFlow>[1]): F {
  try {
    return constructFlow(Flow, observer);
  } catch (error) {
    if (isMillraceError(error)) throw error;
    throw new MillraceError("flow-construction-failed", { flow: Flow.name, reason: messageOf(error) }, { cause: error });
  }
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
  return JSON.stringify(value);
}
