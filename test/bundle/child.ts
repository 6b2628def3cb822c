import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Failure } from "../../src/core/failure.js";
import type { SourcePosition } from "../../src/core/source-position.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What load-in-child.ts prints. */
export interface Loaded {
  readonly loaded?: { readonly name: string; readonly exportName: string };
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly position?: SourcePosition;
    readonly parameters: Record<string, unknown>;
  };
  readonly failure?: Failure;
}

/** Loads bundles in Node processes of their own, where nothing but Node handles imports and stacks. */
export class Child implements Disposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Child> {
    // In the repository, where the packages that the code needs are found.
    const child = new Child(mkdtempSync(join(repository, "node_modules", ".millrace-test-")));
    await build({
      entryPoints: [join(repository, "test/bundle/load-in-child.ts")],
      outfile: child.#script,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
    });
    return child;
  }

  get #script(): string {
    return join(this.#folder, "load.mjs");
  }

  async load(bundlePath: string, exportName = ""): Promise<Loaded> {
    const { stdout } = await promisify(execFile)(process.execPath, [this.#script, bundlePath, exportName]);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Loaded;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
