import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** One file of src/ and what it imports. */
export interface SourceModule {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  /** The first folder of the path; empty for a file directly in src/. */
  readonly folder: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly ModuleImport[];
}

export interface ModuleImport {
  /** A module's path relative to src/, or the package's specifier as written. */
  readonly target: string;
  readonly kind: "module" | "package";
  /** Types only: gone at run time. */
  readonly typeOnly: boolean;
  /** By `import()`. */
  readonly lazy: boolean;
}

export function readSourceModules(): readonly SourceModule[] {
  const base = join(root, "src");
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return readSourceModule(relative(base, file).split(sep).join("/"), readFileSync(file, "utf8"));
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export function readSourceModule(path: string, text: string): SourceModule {
  const code = withoutComments(text);
  return { path, folder: path.includes("/") ? (path.split("/")[0] ?? "") : "", code, imports: readImports(path, withSpecifiersOnly(code)) };
}

// A comment, or a string or template that may hold what looks like one; strings are matched so that they are kept.
const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_STRING, (match) => (match.startsWith("/") ? "" : match));
}

/** Empties the strings that name no module, so that their text is not taken for code. */
function withSpecifiersOnly(code: string): string {
  return code.replace(COMMENT_OR_STRING, (match, offset: number) =>
    /\b(?:from|import|import\()\s*$/.test(code.slice(Math.max(0, offset - 40), offset)) ? match : '""',
  );
}

const IMPORT = /\b(?:import|export)\s+(type\s)?([\w$*{][^"';]*?\s)?from\s*"([^"]+)"|\bimport\s*"([^"]+)"|(:[^=;]*?|<)?\bimport\(\s*"([^"]+)"/g;

function readImports(path: string, code: string): readonly ModuleImport[] {
  return Array.from(code.matchAll(IMPORT), ([, typeWord, clause, from, bare, typePosition, lazy]) => {
    const specifier = from ?? bare ?? lazy ?? "";
    const isModule = specifier.startsWith(".");
    return {
      target: isModule ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts") : specifier,
      kind: isModule ? "module" : "package",
      typeOnly: typeWord !== undefined || typePosition !== undefined || namesTypesOnly(clause),
      lazy: lazy !== undefined && typePosition === undefined,
    };
  });
}

/** `{ type A, type B }`. */
function namesTypesOnly(clause: string | undefined): boolean {
  const names = /^\{([^}]*)\}\s*$/
    .exec(clause ?? "")?.[1]
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}
