import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { foldersUpward } from "../../bundle/project-root.js";
import type { Finding } from "./findings.js";

export function checkProject(root: string): Finding {
  if (existsSync(join(root, "package.json"))) return { level: "ok", what: "project", found: root };
  return {
    level: "warn",
    what: "project",
    found: `no package.json in ${root} or above it`,
    advice: "Runs are kept in this folder then. millrace init makes a project.",
  };
}

/** The nearest tsconfig.json: old decorators are set right for flows by the bundler, but an editor marks them as errors. */
export function checkTsconfig(root: string): Finding {
  const file = join(root, "tsconfig.json");
  if (!existsSync(file)) return { level: "ok", what: "tsconfig", found: "none: not needed" };
  if (!/"experimentalDecorators"\s*:\s*true/.test(withoutComments(readFileSync(file, "utf8"))))
    return { level: "ok", what: "tsconfig", found: "tsconfig.json" };
  return {
    level: "warn",
    what: "tsconfig",
    found: "tsconfig.json sets experimentalDecorators",
    advice: "Flows run all the same, but your editor will show errors at @step: remove the line, or give flows a tsconfig.json of their own.",
  };
}

/** The first TypeScript that knows decorators as flows use them, and all the library types. */
const OLDEST_TYPESCRIPT = [5, 8] as const;

export function checkTypeScript(root: string): Finding {
  const found = findTypeScript(root);
  if (found === undefined) {
    return { level: "ok", what: "TypeScript", found: "not installed: flows run without it; npm install --save-dev typescript checks their types" };
  }
  const [major = 0, minor = 0] = found.split(".").map(Number);
  const isRecent = major > OLDEST_TYPESCRIPT[0] || (major === OLDEST_TYPESCRIPT[0] && minor >= OLDEST_TYPESCRIPT[1]);
  if (isRecent) return { level: "ok", what: "TypeScript", found };
  return {
    level: "warn",
    what: "TypeScript",
    found,
    advice: `Types are made for TypeScript ${OLDEST_TYPESCRIPT.join(".")} and newer: npm install --save-dev typescript@latest`,
  };
}

function findTypeScript(root: string): string | undefined {
  const require = createRequire(join(root, "package.json"));
  for (const folder of foldersUpward(root)) {
    const file = join(folder, "node_modules/typescript/package.json");
    if (!existsSync(file)) continue;
    const manifest: unknown = require(file);
    if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  }
  return undefined;
}

function withoutComments(json: string): string {
  return json.replace(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g, (_, text: string | undefined) => text ?? "");
}
