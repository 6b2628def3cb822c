import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { checks } from "../../scripts/check.mjs";
import { root } from "./source-modules.js";

test.each(checks)("$name", ({ script, args }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: "utf8" });
  // The output first: a failing check says what is wrong.
  expect(status === 0 ? "" : `${stdout}${stderr}`).toBe("");
  expect(status).toBe(0);
});
