/**
 * Lets Node run TypeScript with decorators: `node --import millrace/register --test`. For tests with `node:test`, and for
 * scripts that import a flow's class.
 */
import * as nodeModule from "node:module";
import { findTypeScript, loadTypeScript } from "./module-hooks.js";

/** Since Node 22.15; in the thread that imports. */
interface SyncHooks {
  resolve(
    specifier: string,
    context: { readonly parentURL?: string | undefined },
    next: (specifier: string, context: object) => { readonly url: string },
  ): { readonly url: string };
  load(url: string, context: object, next: (url: string, context: object) => object): object;
}

const registerHooks: unknown = Reflect.get(nodeModule, "registerHooks");

// Failures show the lines of the TypeScript.
process.setSourceMapsEnabled(true);

if (typeof registerHooks === "function") {
  const hooks: SyncHooks = {
    resolve: (specifier, context, next) => next(findTypeScript(specifier, context.parentURL) ?? specifier, context),
    load: (url, context, next) => loadTypeScript(url) ?? next(url, context),
  };
  registerHooks(hooks);
} else {
  nodeModule.register(new URL("../testing/loader-thread.js", import.meta.url));
}
