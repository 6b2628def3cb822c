import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorRegistry } from "../../src/core/errors/registry.js";
import { errorsPage } from "../../scripts/errors-page.mjs";
import { readSourceModules, root } from "./source-modules.js";

test("docs/errors.md says what the registry says (npm run docs writes it)", () => {
  expect(readFileSync(join(root, "docs/errors.md"), "utf8")).toBe(errorsPage(errorRegistry));
});

test("every code is used", () => {
  const users = readSourceModules().filter(({ path }) => !path.startsWith("core/errors/"));
  const unused = Object.keys(errorRegistry).filter((code) => !users.some((module) => module.code.includes(`"${code}"`)));
  expect(unused).toEqual([]);
});

test("codes are kebab-case words", () => {
  expect(Object.keys(errorRegistry).filter((code) => !/^[a-z][a-z0-9]*(?:-[a-z]+)*$/.test(code))).toEqual([]);
});
