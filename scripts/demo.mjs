// @ts-check
// Sets everything up, then runs the text-processing pipeline on real data with live progress.
//
//   npm run demo [-- --test, or any other option of `millrace run`]
import { join } from "node:path";
import { root, run } from "./build.mjs";
import { setUp } from "./setup.mjs";

try {
  await setUp({ types: false });
  const example = join(root, "examples/text-processing");
  await run(process.execPath, [join(root, "dist/cli/bin.js"), "run", "flow.ts", ...process.argv.slice(2)], { cwd: example });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
