// @ts-check
// Type check and lint; test/architecture/checks.test.ts runs the same list.
//
//   npm run check
import { pathToFileURL } from "node:url";
import { build, run } from "./build.mjs";

/** Name and command of each check. */
export const checks = [
  { name: "types", script: "node_modules/typescript/bin/tsc", args: ["-p", "."] },
  { name: "types of the web", script: "node_modules/typescript/bin/tsc", args: ["-p", "web"] },
  { name: "lint", script: "node_modules/oxlint/bin/oxlint", args: [] },
  { name: "format", script: "node_modules/oxfmt/bin/oxfmt", args: ["--check", "src", "test", "bench", "scripts", "examples", "web"] },
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // The examples import the package by its name, so their types are those of the build.
  await build().catch(fail);
  for (const { name, script, args } of checks) {
    console.log(`checking ${name}`);
    await run(process.execPath, [script, ...args]).catch(fail);
  }
}

/** @param {Error} error */
function fail(error) {
  console.error(error.message);
  process.exitCode = 1;
}
