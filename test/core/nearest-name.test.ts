import { expect, test } from "vitest";
import { nearestName } from "../../src/core/nearest-name.js";

const names = ["start", "score", "join", "end", "max-workers", "chunkSize"];

test.each([
  ["skore", "score"],
  ["scroe", "score"],
  ["SCORE", "score"],
  ["strat", "start"],
  ["edn", "end"],
  ["max_workers", "max-workers"],
  ["maxWorker", "max-workers"],
  ["chunk-size", "chunkSize"],
  ["chnukSzie", "chunkSize"],
])("%s most likely means %s", (word, meant) => {
  expect(nearestName(word, names)).toBe(meant);
});

test.each(["", "x", "bananas", "joystick", "tag"])("%j means none of them", (word) => {
  expect(nearestName(word, names)).toBeUndefined();
});

test("of several as near, the first is taken", () => {
  expect(nearestName("cat", ["bat", "hat"])).toBe("bat");
});
