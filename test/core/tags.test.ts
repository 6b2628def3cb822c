import { describe, expect, test } from "vitest";
import { editTags, MAX_TAG_LENGTH, MAX_TAGS, newTags, systemTags } from "../../src/core/tags.js";
import { sampleRun } from "../datastore/sample-records.js";

const SYSTEM = ["user:ada", "node:22.1.0"];
const many = Array.from({ length: MAX_TAGS }, (_, index) => `t${index}`);

describe("an edit of tags", () => {
  test.each([
    [["a"], { add: ["b"], remove: [] }, ["a", "b"]],
    [["a", "b", "c"], { add: [], remove: ["b"] }, ["a", "c"]],
    [["a", "b"], { add: ["c"], remove: ["a"] }, ["b", "c"]],
    [["a"], { add: ["a", "a"], remove: [] }, ["a"]],
    [["a"], { add: [], remove: ["b"] }, ["a"]],
    [["a", "b"], { add: ["a"], remove: ["a"] }, ["b", "a"]],
    [["a"], { add: ["user:ada"], remove: [] }, ["a"]],
    [many, { add: ["new"], remove: ["t0"] }, [...many.slice(1), "new"]],
  ])("of %j by %j gives %j", (before, edit, after) => {
    expect(editTags(before, edit, SYSTEM)).toEqual(after);
  });

  test.each([
    [[""], "tag-invalid"],
    [["  "], "tag-invalid"],
    [["a\nb"], "tag-invalid"],
    [["\ud800"], "tag-invalid"],
    [["x".repeat(MAX_TAG_LENGTH + 1)], "tag-invalid"],
    [["user:bob"], "tag-reserved"],
    [["project:other"], "tag-reserved"],
    [[...many, "one more"], "tag-limit"],
  ])("refuses to add %j: %s", (add, code) => {
    expect(() => editTags([], { add, remove: [] }, SYSTEM)).toThrow(expect.objectContaining({ code }));
  });

  test("length is counted in characters, whatever they are", () => {
    const tag = "😀".repeat(MAX_TAG_LENGTH);
    expect(newTags([tag])).toEqual([tag]);
  });

  test("millrace's own tags cannot be removed", () => {
    expect(() => editTags(["a"], { add: [], remove: ["a", "node:22.1.0"] }, SYSTEM)).toThrow(expect.objectContaining({ code: "tag-system" }));
  });

  test("a run that has too many already may lose some", () => {
    const tooMany = [...many, "x", "y"];
    expect(editTags(tooMany, { add: [], remove: ["x"] }, SYSTEM)).toHaveLength(MAX_TAGS + 1);
  });
});

test("every run has millrace's own tags", () => {
  expect(systemTags(sampleRun({ user: "ada", node: "22.1.0", millrace: "1.2.3" }))).toEqual(["user:ada", "node:22.1.0", "millrace:1.2.3"]);
});
