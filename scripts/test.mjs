// @ts-check
// Sets everything up, then runs all tests, or those that the arguments name: npm test -- test/graph
//
// The tests include the type check and the lint (test/architecture/checks.test.ts). The last line is `N passed, N failed`.
import { spawn } from "node:child_process";
import { root } from "./build.mjs";
import { setUp } from "./setup.mjs";

try {
  await setUp({ types: true });
  const vitest = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
  vitest.on("exit", (code) => (process.exitCode = code ?? 1));
} catch (error) {
  console.log(`${error instanceof Error ? error.message : String(error)}\nThe set-up failed, so no test ran.\n0 passed, 1 failed`);
  process.exitCode = 1;
}
