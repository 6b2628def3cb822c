import type { LoadHook, ResolveHook } from "node:module";
import { findTypeScript, loadTypeScript } from "./module-hooks.js";

/** The hooks as Node calls them in a thread of their own, where it has no others. */
export const resolve: ResolveHook = (specifier, context, next) => next(findTypeScript(specifier, context.parentURL) ?? specifier, context);

export const load: LoadHook = async (url, context, next) => loadTypeScript(url) ?? next(url, context);
