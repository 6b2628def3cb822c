// @ts-check
// Vitest's global set-up: tests that start processes run what is in dist/, so that is brought up to date first.
import { build } from "./build.mjs";

export default async function buildBeforeTests() {
  await build({ types: false });
}
