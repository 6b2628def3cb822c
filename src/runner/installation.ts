import { existsSync, readFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The task process's entry file in this installation. */
export function taskEntry(): string {
  return distFile("task/entry.js");
}

/** The start script of jobs on other machines, as a text for `node --input-type=module -e`. */
export function bootSource(): string {
  return readFileSync(distFile("boot/boot.js"), "utf8");
}

/** A file that was built with this installation. */
export function distFile(path: string): string {
  return fileURLToPath(new URL(`dist/${path}`, import.meta.resolve("millrace/package.json")));
}

/** What `millrace` and `millrace/…` resolve to in this installation, so that a flow and its task process share one. */
export function resolveMillrace(specifier: string): string | undefined {
  try {
    return import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

/** For whom a bundle is made executable. */
export interface CodePlace {
  /** The project's folder, absolute. */
  readonly projectRoot: string;
  /** A debugger is to read the code: editors pass over source maps below node_modules. */
  readonly forDebugger?: boolean;
}

/** Where executable copies of bundles are kept: with the project's other caches, else in the system's folder for such. */
export function codeCacheDirs({ projectRoot, forDebugger }: CodePlace): readonly string[] {
  const modules = join(projectRoot, "node_modules");
  const shared = join(tmpdir(), `millrace-code-${userInfo().username}`);
  return existsSync(modules) && forDebugger !== true ? [join(modules, ".cache", "millrace"), shared] : [shared];
}
