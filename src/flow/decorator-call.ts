import { MillraceError } from "../core/errors/millrace-error.js";

/** What a decorator function was called with: options to keep, or a method or class to decorate. */
export type DecoratorCall =
  | { readonly kind: "options"; readonly options: unknown }
  | { readonly kind: "method"; readonly context: ClassMethodDecoratorContext }
  | { readonly kind: "class"; readonly context: ClassDecoratorContext };

/**
 * Tells `@retry` from `@retry(...)`, and both from misuse.
 * @throws MillraceError `decorator-legacy` when the class was compiled with `experimentalDecorators`,
 * `decorator-misplaced` when it stands on something else than a public method or a class.
 */
export function readDecoratorCall(decorator: string, args: readonly unknown[], on: "step" | "class"): DecoratorCall {
  const [target, context] = args;
  if (isContext(context)) return readContext(decorator, context, on);
  if (args.length >= 2 || isClass(target)) throw new MillraceError("decorator-legacy", { decorator });
  return { kind: "options", options: target };
}

/** The same for what `@retry(...)` gave back, which can only decorate. */
export function readApplication(decorator: string, args: readonly unknown[], on: "step" | "class"): Exclude<DecoratorCall, { kind: "options" }> {
  const context = args[1];
  if (!isContext(context)) throw new MillraceError("decorator-legacy", { decorator });
  return readContext(decorator, context, on);
}

function readContext(decorator: string, context: DecoratorContext, on: "step" | "class"): Exclude<DecoratorCall, { kind: "options" }> {
  if (on === "class" && context.kind === "class") return { kind: "class", context };
  if (on === "step" && context.kind === "method" && !context.static && !context.private && typeof context.name === "string") {
    return { kind: "method", context };
  }
  throw new MillraceError("decorator-misplaced", {
    decorator,
    place: placeOf(context),
    belongs: on === "step" ? "a public method" : "the flow's class",
  });
}

function placeOf(context: DecoratorContext): string {
  if (context.kind === "class") return `the class ${context.name ?? ""}`.trim();
  const kind = `${context.static ? "static " : ""}${context.private ? "private " : ""}${context.kind}`;
  return `the ${kind} ${String(context.name)}`;
}

function isContext(value: unknown): value is DecoratorContext {
  return typeof value === "object" && value !== null && "kind" in value && "metadata" in value && "addInitializer" in value;
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}
