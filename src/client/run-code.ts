import { inspect, type InspectOptionsStylized } from "node:util";
import { packageFiles, parsePackage, type CodePackage, type SourceFile } from "../bundle/code-package.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import type { RunStore } from "../datastore/run-store.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { describeObject } from "./inspection.js";

/** The code that a run ran, as it was. */
export class RunCode {
  readonly #run: RunStore;
  #package: Promise<CodePackage> | undefined;

  /** @internal */
  constructor(run: RunStore) {
    this.#run = run;
  }

  /** SHA-256 of the code package: runs of the same code have the same. */
  get hash(): string {
    return this.#run.record.code.hash;
  }

  /** The flow's file, relative to the project's root. */
  get file(): string {
    return this.#run.record.code.file;
  }

  /**
   * Every file of the project that the flow was made of, the flow's own first; packages are not among them.
   * @throws MillraceError `artifact-missing`, `artifact-damaged`, `code-package-damaged`
   */
  async files(): Promise<readonly SourceFile[]> {
    return packageFiles(await this.#read());
  }

  /**
   * One file's text.
   * @param path Relative to the project's root; by default the flow's own file.
   * @throws MillraceError `code-file-unknown`, and those of `files`
   */
  async text(path: string = this.file): Promise<string> {
    const files = await this.files();
    const found = files.find((file) => file.path === path);
    if (found !== undefined) return found.text;
    const paths = files.map((file) => file.path);
    throw new MillraceError("code-file-unknown", { run: this.#run.pathspec, path, near: nearestName(path, paths), paths });
  }

  /** Packages that it imports, by the names it imports them by. */
  async packages(): Promise<readonly string[]> {
    const { manifest } = await this.#read();
    return [...new Set(manifest.externals.map(({ specifier }) => specifier))].toSorted();
  }

  [inspect.custom](depth: number, options: InspectOptionsStylized, show: typeof inspect): string {
    return describeObject(`Code of ${this.#run.pathspec}`, { file: this.file, hash: `${this.hash.slice(0, 12)}…` }, depth, options, show);
  }

  #read(): Promise<CodePackage> {
    this.#package ??= readPackage(this.#run);
    return this.#package;
  }
}

async function readPackage({ store, record, pathspec }: RunStore): Promise<CodePackage> {
  const bytes = await new ArtifactReader(store).load(record.code.package, `${pathspec}, its code`);
  if (!(bytes instanceof Uint8Array)) throw new MillraceError("code-package-damaged", { problem: "it is not bytes" });
  return parsePackage(bytes);
}
