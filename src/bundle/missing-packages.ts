import { dirname } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { SourceProblem } from "../core/source-problem.js";
import type { CodePackage, ExternalImport } from "./code-package.js";
import { findImport } from "./external-resolution.js";
import { isMillrace, packageName } from "./package-name.js";
import { findUpward } from "./project-root.js";
import { fileFromRoot, shownPath } from "./source-path.js";
import { sourcePlace } from "./source-problems.js";

/** The error for imports that did not resolve, all of them in one. */
export function packagesMissing(pkg: CodePackage, missing: readonly ExternalImport[], projectRoot: string): MillraceError {
  const described = missing.map((external) => ({ ...describe(external, projectRoot), place: placeOf(pkg, external, projectRoot) }));
  const problems = described.map(({ text, place }): SourceProblem => ({ text, ...place })).toSorted(byPlace);
  const position = problems[0]?.position;
  const packages = [...new Set(described.flatMap((item) => (item.install === undefined ? [] : [item.install])))].toSorted();
  const usesNpm = pkg.sourceMap.sourcesContent.some((text) => text?.includes("@npm(") === true);
  if (packages.length > 0) return new MillraceError("package-missing", { packages, problems, usesNpm }, { position });
  const isAlias = missing.every(({ specifier }) => packageName(specifier) === undefined);
  return isAlias
    ? new MillraceError("import-missing", { file: pkg.manifest.entry, problems }, { position })
    : new MillraceError("package-path-missing", { problems }, { position });
}

function describe({ specifier, importer }: ExternalImport, projectRoot: string): { readonly text: string; readonly install?: string } {
  if (isMillrace(specifier)) return { text: `millrace has no “${specifier}”.` };
  const name = packageName(specifier);
  if (name === undefined) return { text: `Nothing answers to “${specifier}”: neither paths in tsconfig.json nor imports in package.json.` };
  if (findUpward(dirname(fileFromRoot(projectRoot, importer)), `node_modules/${name}`) !== undefined)
    return { text: `The package ${name} is installed, but has no “${specifier}”.` };
  return { text: `There is no package ${name} (imported as “${specifier}”).`.replace(` (imported as “${name}”)`, ""), install: name };
}

function placeOf(pkg: CodePackage, external: ExternalImport, projectRoot: string): Omit<SourceProblem, "text"> {
  const file = shownPath(projectRoot, fileFromRoot(projectRoot, external.importer));
  const found = findImport(pkg, external);
  if (found === undefined) return { position: { file, line: 1, column: 1 } };
  return sourcePlace({ file, line: found.line, column: found.column }, found.source);
}

function byPlace(a: SourceProblem, b: SourceProblem): number {
  const [left, right] = [a.position, b.position];
  if (left === undefined || right === undefined) return 0;
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
