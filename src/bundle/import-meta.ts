import { readFileSync } from "node:fs";
import { extname } from "node:path";
import type { Esbuild } from "./esbuild.js";
import { pathFromRoot } from "./source-path.js";

const metaModule = "millrace-import-meta:";

/** The function, defined in a bundle's prelude, that makes a module's `import.meta` on the machine at hand. */
export const metaFunction = "__millraceImportMeta";

const localName = "__millraceMeta";
const usesOwnPlace = /\bimport\s*\.\s*meta\b|\b__(?:dirname|filename)\b/;

/** For esbuild's `define`. */
export const importMetaDefinitions: Readonly<Record<string, string>> = {
  "import.meta": localName,
  __dirname: `${localName}.dirname`,
  __filename: `${localName}.filename`,
};

/**
 * Keeps `import.meta`, `__dirname` and `__filename` right in every module although all of them end up in one file: each
 * mention becomes an object of the module's own. The object comes from an import that is appended to the module's text;
 * imports are hoisted, so it is there from the first line on, and no line or column of the source moves.
 */
export function keepImportMeta(build: Esbuild.PluginBuild, projectRoot: string): void {
  build.onResolve({ filter: new RegExp(`^${metaModule}`) }, ({ path }) => ({
    path: path.slice(metaModule.length),
    namespace: metaModule.slice(0, -1),
  }));
  build.onLoad({ filter: /.*/, namespace: metaModule.slice(0, -1) }, ({ path }) => ({
    contents: `export default ${metaFunction}(${JSON.stringify(path)});`,
    loader: "js",
  }));
  build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path }) => {
    const text = readText(path);
    if (text === undefined || !usesOwnPlace.test(text)) return undefined;
    const specifier = JSON.stringify(metaModule + pathFromRoot(projectRoot, path));
    return { contents: `${text}${appended}${specifier};`, loader: loaderOf(path) };
  });
}

const appended = `\nimport ${localName} from `;

/** A module's own text, without what {@link keepImportMeta} added. */
export function withoutImportMeta(text: string): string {
  const end = text.lastIndexOf(`${appended}"${metaModule}`);
  return end < 0 ? text : text.slice(0, end);
}

/** Whether a name in esbuild's output is one of the modules made here, which no source file stands behind. */
export function isMetaModule(name: string): boolean {
  return name.startsWith(metaModule);
}

/** Synchronously: esbuild waits for the answer, and a small file is there sooner this way. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // esbuild reads it again, and says what is wrong.
    return undefined;
  }
}

function loaderOf(path: string): Esbuild.Loader {
  switch (extname(path)) {
    case ".ts":
    case ".mts":
    case ".cts":
      return "ts";
    case ".tsx":
      return "tsx";
    // esbuild reads JSX in .js files no more than Node does.
    case ".jsx":
      return "jsx";
    default:
      return "js";
  }
}
