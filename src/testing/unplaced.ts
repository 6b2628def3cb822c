import type { Locator } from "../bundle/locator.js";

/** Of a class that a test has imported: where its source is, nobody says, so failures have no places beside those in their stacks. */
export const unplaced: Locator = {
  bundlePath: "",
  projectRoot: process.cwd(),
  entry: "",
  packageUrl: () => undefined,
  position: () => undefined,
  locateInClass: () => undefined,
  sourceOf: () => undefined,
  sourceLine: () => undefined,
};
