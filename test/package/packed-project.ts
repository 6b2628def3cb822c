import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/build.mjs";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** What `npm pack` says that it has packed. */
export interface PackedMillrace {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A project somewhere else, in which the packed millrace is installed as a user installs it. */
export class PackedProject implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-installed-"));

  /** @param packages Further ones, with their versions. */
  async install(packages: readonly string[] = []): Promise<PackedMillrace> {
    await build({ types: true });
    // Without scripts: what was just built is packed, and dist/ stays in place under the other tests.
    const answer = this.run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", this.folder], { cwd: root });
    const [packed] = JSON.parse(answer) as [PackedMillrace];
    writeFileSync(join(this.folder, "package.json"), '{ "name": "somewhere", "private": true, "type": "module" }\n');
    this.run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", `./${packed.filename}`, ...packages]);
    return packed;
  }

  /** Runs a program and returns what it printed to stdout; fails the test when it fails. */
  run(command: string, args: readonly string[], { cwd = this.folder }: { readonly cwd?: string } = {}): string {
    const { code, stdout, stderr } = this.try(command, args, { cwd });
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs a program that may fail. */
  try(
    command: string,
    args: readonly string[],
    { cwd = this.folder, env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    // A test runner inside of this one must not take itself for a part of it.
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|JEST|NODE_|TEST$|FORCE_COLOR|GITHUB_)/.test(name)));
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd,
      encoding: "utf8",
      shell: process.platform === "win32",
      env: { ...own, NO_COLOR: "1", ...env },
    });
    if (error !== undefined) throw error;
    return { code: status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
