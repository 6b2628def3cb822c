import { createHash } from "node:crypto";
import { version } from "../core/version.js";
import { compileFileSync, type CompiledFile } from "./compile-file.js";

interface JestTransformOptions {
  readonly supportsStaticESM?: boolean;
  readonly configString?: string;
}

/**
 * A transformer for Jest: compiles TypeScript with decorators. Jest has to run with `--experimental-vm-modules`.
 *
 * @example
 * // jest.config.js
 * export default {
 *   extensionsToTreatAsEsm: [".ts"],
 *   transform: { "\\.ts$": "millrace/jest" },
 * };
 */
export function process(source: string, file: string, { supportsStaticESM = false }: JestTransformOptions = {}): CompiledFile {
  return compileFileSync(source, file, supportsStaticESM ? "esm" : "cjs");
}

/** Names what Jest may keep of a file from one run to the next. */
export function getCacheKey(source: string, file: string, { supportsStaticESM = false, configString = "" }: JestTransformOptions = {}): string {
  const hash = createHash("sha256");
  for (const part of [version, source, file, String(supportsStaticESM), configString]) hash.update(part).update("\0");
  return hash.digest("hex");
}

export default { process, getCacheKey };
