// @ts-check
// Writes docs/errors.md from the error registry: npm run docs
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./build.mjs";

/** @typedef {{ readonly when: string, readonly usage?: true }} Entry */

/**
 * The page's whole text.
 * @param {Readonly<Record<string, Entry>>} registry
 */
export function errorsPage(registry) {
  const rows = Object.entries(registry).map(([code, { when, usage }]) => `| \`${code}\` | ${usage ? 2 : 1} | ${when.replaceAll("|", "\\|")} |`);
  return `# Error codes

Every error of millrace's own has a code that stays the same from version to version, a message that names the thing and the value, and a
hint what to do next. \`--json\` events, failed tasks' records and \`MillraceError.code\` carry the code. Exit code 2 is wrong usage, said before
anything starts; 1 is anything else.

This page is made from the source (\`npm run docs\`).

| code | exit code | when |
|---|---|---|
${rows.join("\n")}
`;
}

/** @returns {Promise<Readonly<Record<string, Entry>>>} */
async function readRegistry() {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/core/errors/registry.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const { errorRegistry } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);
  return errorRegistry;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await writeFile(join(root, "docs/errors.md"), errorsPage(await readRegistry()));
