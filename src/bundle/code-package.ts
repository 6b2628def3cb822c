import { createHash } from "node:crypto";
import { MillraceError } from "../core/errors/millrace-error.js";

/**
 * A flow's code as one portable, content-addressed thing: the same sources give the same package, and the same hash, on
 * every machine. Paths in it are relative to the project's root; imports of packages are placeholders, which
 * `materialisePackage` replaces by what they resolve to on the machine at hand.
 */
export interface CodePackage {
  /** SHA-256 (hex) of the package's bytes. */
  readonly hash: string;
  readonly manifest: PackageManifest;
  /** The bundle, as an ES module with placeholders. */
  readonly code: string;
  readonly sourceMap: PortableSourceMap;
  /** What the externals resolved to while bundling, by id: known on the machine that bundled, no part of the package's content. */
  readonly resolutions?: ReadonlyMap<string, string>;
}

export interface PackageManifest {
  readonly format: 1;
  /** The flow's file, relative to the project's root, with forward slashes. */
  readonly entry: string;
  /** Every file of the project's own that is in the bundle, relative to the project's root; files outside it start with `../`. */
  readonly modules: readonly string[];
  readonly externals: readonly ExternalImport[];
}

/** How a package is imported, which decides the conditions it is resolved by. */
export type ImportKind = "import" | "dynamic-import" | "require";

/** An import of something that is not the project's own code. */
export interface ExternalImport {
  /** Names the import in the bundle: its specifier there is `millrace-external:<id>`. */
  readonly id: string;
  /** As it was written: `csv-parse/sync`. */
  readonly specifier: string;
  /** The file that imports it, relative to the project's root. */
  readonly importer: string;
  readonly kind: ImportKind;
}

/** A source map, version 3, whose sources are paths relative to the project's root. */
export interface PortableSourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly sourcesContent: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
}

export type PackageContent = Pick<CodePackage, "manifest" | "code" | "sourceMap">;

/** Puts a package together and takes its hash. */
export function createPackage(content: PackageContent, resolutions?: ReadonlyMap<string, string>): CodePackage {
  const hash = hashOf(serializePackage(content));
  return { hash, ...content, ...(resolutions !== undefined && { resolutions }) };
}

/** The package's bytes, as they are stored with a run. Equal packages, equal bytes. */
export function serializePackage({ manifest, code, sourceMap }: PackageContent): Uint8Array {
  return Buffer.from(JSON.stringify({ manifest, code, sourceMap }));
}

/**
 * Reads what {@link serializePackage} wrote.
 * @throws MillraceError `code-package-damaged` when the bytes are no package of this version.
 */
export function parsePackage(bytes: Uint8Array): CodePackage {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new MillraceError("code-package-damaged", { problem: "it is not JSON" }, { cause: error });
  }
  if (!isContent(value)) throw new MillraceError("code-package-damaged", { problem: "it has no manifest, code and source map of format 1" });
  return { hash: hashOf(bytes), manifest: value.manifest, code: value.code, sourceMap: value.sourceMap };
}

/** A file of the project, as it was when the package was made. */
export interface SourceFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** The project's files that a package was made of, the flow's own first, then by path. */
export function packageFiles({ manifest, sourceMap }: PackageContent): readonly SourceFile[] {
  const files = sourceMap.sources.flatMap((path, index) => {
    const text = sourceMap.sourcesContent[index];
    return typeof text === "string" ? [{ path, text }] : [];
  });
  const rank = ({ path }: SourceFile): number => (path === manifest.entry ? 0 : 1);
  return files.toSorted((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isContent(value: unknown): value is PackageContent {
  return isObject(value) && typeof value["code"] === "string" && isManifest(value["manifest"]) && isSourceMap(value["sourceMap"]);
}

function isManifest(value: unknown): value is PackageManifest {
  return (
    isObject(value) &&
    value["format"] === 1 &&
    typeof value["entry"] === "string" &&
    Array.isArray(value["modules"]) &&
    isExternals(value["externals"])
  );
}

function isExternals(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => isObject(item) && ["id", "specifier", "importer", "kind"].every((key) => typeof item[key] === "string"))
  );
}

function isSourceMap(value: unknown): value is PortableSourceMap {
  return (
    isObject(value) &&
    value["version"] === 3 &&
    typeof value["mappings"] === "string" &&
    Array.isArray(value["sources"]) &&
    Array.isArray(value["sourcesContent"])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
