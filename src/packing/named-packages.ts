import type { CodePackage } from "../bundle/code-package.js";
import { packageName } from "../bundle/package-name.js";
import { findDecorator } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";

/** The packages that a step's `@npm` names; undefined when it has none. */
export function packagesOf(step: GraphStep): Readonly<Record<string, string>> | undefined {
  const packages = findDecorator(step, "npm")?.options["packages"];
  if (typeof packages !== "object" || packages === null || Array.isArray(packages)) return undefined;
  return Object.fromEntries(Object.entries(packages).flatMap(([name, range]) => (typeof range === "string" ? [[name, range]] : [])));
}

/** Packages that a step's `@npm` names although the flow imports them at the top of a file, which is the same for all steps. */
export function importedAtTop(
  steps: readonly GraphStep[],
  { manifest }: CodePackage,
): readonly { readonly step: string; readonly name: string; readonly file: string }[] {
  return steps.flatMap((step) => {
    const packages = packagesOf(step) ?? {};
    return manifest.externals.flatMap(({ kind, specifier, importer }) => {
      const name = packageName(specifier) ?? "";
      return kind === "import" && Object.hasOwn(packages, name) ? [{ step: step.name, name, file: importer }] : [];
    });
  });
}
