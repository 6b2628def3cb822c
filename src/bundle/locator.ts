import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SourcePosition } from "../core/source-position.js";
import type { ExecutableSourceMap } from "./executable-bundle.js";
import { shownPath } from "./source-path.js";

/** Finds the user's source for places in a bundle. Reads the bundle and its map when first asked. */
export interface Locator {
  /** The executable bundle's path. */
  readonly bundlePath: string;
  /** The project's root, absolute, links followed. */
  readonly projectRoot: string;
  /** The flow's file, relative to the project's root. */
  readonly entry: string;
  /** The URL that the bundle imports a package by; undefined when it does not import it. */
  packageUrl(specifier: string): string | undefined;
  /** The source of a place in the bundle; both count from 1. Undefined for code that no source stands behind. */
  position(line: number, column: number): SourcePosition | undefined;
  /** The source of a place in a class, given the class's text (`String(Class)`) and an offset into it. */
  locateInClass(classText: string, offset: number): SourcePosition | undefined;
  /** A source file's text as it was bundled; named as in a {@link SourcePosition}. Undefined for files not in the bundle. */
  sourceOf(file: string): string | undefined;
  /** One line of it, from 1. */
  sourceLine(file: string, line: number): string | undefined;
}

export function createLocator(bundlePath: string): Locator {
  return new BundleLocator(bundlePath);
}

class BundleLocator implements Locator {
  readonly bundlePath: string;
  readonly #map = lazy(() => readMap(this.bundlePath));
  readonly #mappings = lazy(() => {
    const { version, file, names, mappings, sources } = this.#map();
    return new SourceMap({ version, file, names: [...names], mappings, sources: [...sources], sourcesContent: [], sourceRoot: "" });
  });
  readonly #text = lazy(() => readBundle(this.bundlePath));
  readonly #lineStarts = lazy(() => lineStarts(this.#text()));
  readonly #sources = lazy(() => {
    const { sources, sourcesContent } = this.#map();
    return new Map(sources.map((source, index) => [this.#shown(source), sourcesContent[index] ?? undefined]));
  });

  constructor(bundlePath: string) {
    this.bundlePath = bundlePath;
  }

  get projectRoot(): string {
    return this.#map().x_millrace.root;
  }

  get entry(): string {
    return this.#map().x_millrace.entry;
  }

  packageUrl(specifier: string): string | undefined {
    // Most bundles do not, and their maps need not be read for that.
    return this.#text().includes(specifier) ? this.#map().x_millrace.packages[specifier] : undefined;
  }

  position(line: number, column: number): SourcePosition | undefined {
    const found = this.#mappings().findEntry(line - 1, column - 1);
    if (!("originalSource" in found) || !found.originalSource.startsWith("file:")) return undefined;
    return { file: this.#shown(found.originalSource), line: found.originalLine + 1, column: found.originalColumn + 1 };
  }

  locateInClass(classText: string, offset: number): SourcePosition | undefined {
    const start = this.#text().indexOf(classText);
    if (start < 0) return undefined;
    const line = lineAt(this.#lineStarts(), start + offset);
    return this.position(line + 1, start + offset - (this.#lineStarts()[line] ?? 0) + 1);
  }

  sourceOf(file: string): string | undefined {
    return this.#sources().get(file);
  }

  sourceLine(file: string, line: number): string | undefined {
    return this.sourceOf(file)?.split(/\r?\n/)[line - 1];
  }

  #shown(source: string): string {
    return source.startsWith("file:") ? shownPath(this.projectRoot, fileURLToPath(source)) : source;
  }
}

function readBundle(bundlePath: string): string {
  try {
    return readFileSync(bundlePath, "utf8");
  } catch {
    return "";
  }
}

/** The bundle's map; an empty one when it cannot be read, so that explaining an error never fails for want of it. */
function readMap(bundlePath: string): ExecutableSourceMap {
  try {
    return inPlace(JSON.parse(readFileSync(`${bundlePath}.map`, "utf8")) as ExecutableSourceMap, dirname(bundlePath));
  } catch {
    const file = basename(bundlePath);
    return {
      version: 3,
      file,
      sources: [],
      sourcesContent: [],
      names: [],
      mappings: "",
      x_millrace: { root: dirname(bundlePath), entry: file, packages: {} },
    };
  }
}

/** A bundle that was made on another machine has a map whose paths start from the bundle's folder. */
function inPlace(map: ExecutableSourceMap, folder: string): ExecutableSourceMap {
  const { root, packages, ...rest } = map.x_millrace;
  if (isAbsolute(root)) return map;
  const urlOf = (path: string): string => pathToFileURL(resolve(folder, path)).href;
  return {
    ...map,
    sources: map.sources.map((source, index) => (map.sourcesContent[index] === null ? source : urlOf(source))),
    x_millrace: {
      ...rest,
      root: resolve(folder, root),
      packages: Object.fromEntries(Object.entries(packages).map(([name, path]) => [name, urlOf(path)])),
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}

/** The line (from 0) that an offset is in. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lazy<T extends object | string>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
