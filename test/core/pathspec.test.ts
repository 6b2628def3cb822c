import { describe, expect, test } from "vitest";
import { formatPathspec, parsePathspec, type Pathspec } from "../../src/core/pathspec.js";

describe("reads", () => {
  test.each<[string, Pathspec]>([
    ["Score", { flow: "Score" }],
    ["Score/", { flow: "Score" }],
    ["Score/12", { flow: "Score", run: "12" }],
    ["Score/latest", { flow: "Score", run: "latest" }],
    ["Score/12/", { flow: "Score", run: "12" }],
    ["Score/12/start", { flow: "Score", run: "12", step: "start" }],
    ["Score/12/inner/3.7~1", { flow: "Score", run: "12", step: "inner", task: "3.7~1" }],
    ["Score/12/start/0/rows", { flow: "Score", run: "12", step: "start", task: "0", artifact: "rows" }],
    ["$_Score1/1/$a", { flow: "$_Score1", run: "1", step: "$a" }],
    ["Größe/1/länge", { flow: "Größe", run: "1", step: "länge" }],
  ])("%s", (text, parts) => {
    expect(parsePathspec(text)).toEqual(parts);
  });
});

describe("refuses, naming the text", () => {
  test.each([
    "",
    "/",
    "1Score/1",
    "Score/0",
    "Score/01",
    "Score/-1",
    "Score/1.5",
    "Score/newest",
    "Score//start",
    "Score/1/start/x",
    "Score/1/start/0/rows/more",
    "Score/1/../2",
    "../Score",
    "Score/1/start/..",
    "Score 1",
    "Sc ore/1",
  ])("%j", (text) => {
    expect(() => parsePathspec(text)).toThrow(expect.objectContaining({ code: "bad-pathspec", exitCode: 2, message: expect.stringContaining(text) }));
  });
});

test("writes what it reads", () => {
  expect(formatPathspec("Score", "12")).toBe("Score/12");
  expect(formatPathspec("Score", "12", "inner")).toBe("Score/12/inner");
  expect(formatPathspec("Score", "12", "inner", "3.7")).toBe("Score/12/inner/3.7");
});
