import { expect, test } from "vitest";
import { nearestName } from "../../src/core/nearest-name.js";

const commands = ["run", "resume", "check", "status", "logs", "dump", "max-workers", "maxNumSplits"];

test.each([
  ["rn", "run"],
  ["rusume", "resume"],
  ["stauts", "status"],
  ["staus", "status"],
  ["log", "logs"],
  ["RUN", "run"],
  ["maxworkers", "max-workers"],
  ["max_workers", "max-workers"],
  ["max-num-split", "maxNumSplits"],
  ["dmp", "dump"],
])("%s is most likely %s", (word, name) => {
  expect(nearestName(word, commands)).toBe(name);
});

test.each(["xyz", "visualise", "", "r"])("nothing is near %j", (word) => {
  expect(nearestName(word, commands)).toBeUndefined();
});

test("of two that are as near, the first", () => {
  expect(nearestName("cat", ["bat", "hat"])).toBe("bat");
});

test("without candidates there is none", () => {
  expect(nearestName("run", [])).toBeUndefined();
});
