import { MillraceError } from "../core/errors/millrace-error.js";
import type { AppliedDecorator } from "./decorator-options.js";
import type { DecoratorRule } from "./decorator-rules.js";

/**
 * What decorators said of one class, kept under the class's decorator metadata. Node has no `Symbol.metadata` yet:
 * esbuild falls back to this same registered symbol by itself, tsc gives decorators no metadata without it.
 */
const METADATA = definedMetadataSymbol();

function definedMetadataSymbol(): symbol {
  const existing: unknown = Reflect.get(Symbol, "metadata");
  if (typeof existing === "symbol") return existing;
  const symbol = Symbol.for("Symbol.metadata");
  Object.defineProperty(Symbol, "metadata", { value: symbol });
  return symbol;
}

/** What stands above one method, or above the class. */
export interface Declaration {
  /** `@step` is among the decorators. */
  isStep: boolean;
  /** In written order. */
  readonly decorators: AppliedDecorator[];
}

export interface ClassDeclarations {
  readonly methods: Map<string, Declaration>;
  readonly class: Declaration;
}

const declarations = new WeakMap<object, ClassDeclarations>();

/** What a class's own decorators said; undefined when it has none. */
export function declarationsOf(constructor: object): ClassDeclarations | undefined {
  const metadata: unknown = Object.hasOwn(constructor, METADATA) ? Reflect.get(constructor, METADATA) : undefined;
  return typeof metadata === "object" && metadata !== null ? declarations.get(metadata) : undefined;
}

/** Notes `@step`. */
export function declareStep(context: ClassMethodDecoratorContext): void {
  const declaration = declarationOn(context);
  if (declaration.isStep) throw new MillraceError("decorator-twice", { decorator: "step", on: String(context.name) });
  declaration.isStep = true;
}

/** Notes a decorator of a step or a class. Decorators apply from the one next to the method outwards. */
export function declareDecorator(
  context: ClassMethodDecoratorContext | ClassDecoratorContext,
  applied: AppliedDecorator,
  { repeats, example }: Pick<DecoratorRule, "repeats" | "example">,
): void {
  const { decorators } = declarationOn(context);
  const { name } = applied.use;
  const own = repeats?.(applied.use.options);
  if (decorators.some(({ use }) => use.name === name && repeats?.(use.options) === own)) {
    throw new MillraceError("decorator-twice", {
      decorator: name,
      on: String(context.name ?? "the class"),
      ...(own !== undefined && { named: own, example }),
    });
  }
  decorators.unshift(applied);
}

function declarationOn(context: ClassMethodDecoratorContext | ClassDecoratorContext): Declaration {
  const known = declarations.get(context.metadata) ?? { methods: new Map<string, Declaration>(), class: { isStep: false, decorators: [] } };
  declarations.set(context.metadata, known);
  if (context.kind === "class") return known.class;
  const name = String(context.name);
  const declaration = known.methods.get(name) ?? { isStep: false, decorators: [] };
  known.methods.set(name, declaration);
  return declaration;
}
