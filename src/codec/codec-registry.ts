import { MillraceError } from "../core/errors/millrace-error.js";

/**
 * How values of a class are stored: `encode` makes plain data of an instance, `decode` makes an equal instance of that
 * data. What `encode` returns may hold anything that can be stored, other classes with codecs included.
 */
export interface ValueCodec<T = unknown, D = unknown> {
  /**
   * Names the codec in stored values, for good. When the data's form changes, register the new form under a new name
   * (`Matrix@2`), and keep the old codec, with an `is` that is never true, as long as old values are read.
   */
  readonly name: string;
  /** The class whose direct instances this codec stores; subclasses need a codec of their own. */
  readonly class?: abstract new (...args: never[]) => T;
  /** Tells the values this codec stores, where a class cannot. Asked only of values that cannot be stored as they are. */
  readonly is?: (value: unknown) => boolean;
  readonly encode: (value: T) => D;
  readonly decode: (data: D) => T;
}

/** The registry's own view of a codec, whatever its types. */
export interface RegisteredCodec {
  readonly name: string;
  readonly is: ((value: unknown) => boolean) | undefined;
  readonly encode: (value: unknown) => unknown;
  readonly decode: (data: unknown) => unknown;
}

const byName = new Map<string, RegisteredCodec>();
const byPrototype = new Map<object, RegisteredCodec>();
let withPredicate: readonly RegisteredCodec[] = [];

/**
 * Makes instances of a class storable, wherever they stand inside an artifact. Call it in module scope of the flow's
 * file or of a module it imports, so that every task process knows the codec.
 *
 * ```ts
 * registerCodec({
 *   name: "Matrix",
 *   class: Matrix,
 *   encode: (matrix) => ({ rows: matrix.rows, data: matrix.data }),
 *   decode: ({ rows, data }) => new Matrix(rows, data),
 * });
 * ```
 *
 * @throws MillraceError `codec-invalid` when neither `class` nor `is` is given, or the name is taken by another codec.
 */
export function registerCodec<T, D>(codec: ValueCodec<T, D>): void {
  const problem = problemOf(codec);
  if (problem !== undefined) throw new MillraceError("codec-invalid", { name: codec.name, problem });
  // The class and `is` see to it that encode and decode meet their own types only.
  const registered: RegisteredCodec = {
    name: codec.name,
    is: codec.is,
    encode: codec.encode as (value: unknown) => unknown,
    decode: codec.decode as (data: unknown) => unknown,
  };
  byName.set(codec.name, registered);
  if (codec.class !== undefined) byPrototype.set(codec.class.prototype as object, registered);
  if (codec.is !== undefined) withPredicate = [...withPredicate, registered];
}

function problemOf<T, D>(codec: ValueCodec<T, D>): string | undefined {
  if (typeof codec.name !== "string" || codec.name === "") return "it has no name";
  if (typeof codec.encode !== "function" || typeof codec.decode !== "function") return "it needs an encode and a decode function";
  if (codec.class === undefined && codec.is === undefined) return "it needs a class or an is function";
  if (codec.class !== undefined && typeof codec.class !== "function") return "class is not a class";
  if (codec.is !== undefined && typeof codec.is !== "function") return "is is not a function";
  if (byName.has(codec.name)) return "the name is taken";
  if (codec.class !== undefined && byPrototype.has(codec.class.prototype as object)) return `the class ${codec.class.name} has a codec already`;
  return undefined;
}

/** The codec for a value that is no plain data; undefined when there is none. */
export function codecFor(value: unknown): RegisteredCodec | undefined {
  if (typeof value === "object" && value !== null) {
    const codec = byPrototype.get(Object.getPrototypeOf(value) as object);
    if (codec !== undefined) return codec;
  }
  return withPredicate.find((codec) => codec.is?.(value) === true);
}

export function codecNamed(name: string): RegisteredCodec | undefined {
  return byName.get(name);
}

registerCodec<URL, string>({ name: "URL", class: URL, encode: (url) => url.href, decode: (href) => new URL(href) });
registerCodec<URLSearchParams, [string, string][]>({
  name: "URLSearchParams",
  class: URLSearchParams,
  encode: (parameters) => [...parameters],
  decode: (pairs) => new URLSearchParams(pairs),
});
