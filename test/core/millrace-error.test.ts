import { expect, test } from "vitest";
import { isMillraceError, messageOf, MillraceError } from "../../src/core/errors/millrace-error.js";

test("an error has a stable code, a message that names the value, and what to do next", () => {
  const error = new MillraceError("foreach-too-wide", { step: "start", max: 100 });
  expect(error).toMatchObject({ name: "MillraceError", code: "foreach-too-wide", exitCode: 1 });
  expect(error.message).toContain("start");
  expect(error.message).toContain("100");
  expect(error.hint).toContain("--max-num-splits 1000");
  expect(error.position).toBeUndefined();
});

test("wrong usage exits with 2", () => {
  expect(new MillraceError("bad-pathspec", { pathspec: "x y" }).exitCode).toBe(2);
});

test("the cause and the place are kept", () => {
  const cause = new Error("below");
  const position = { file: "flow.ts", line: 3, column: 5 };
  const error = new MillraceError("next-missing", { step: "a", choices: [] }, { cause, position });
  expect(error.cause).toBe(cause);
  expect(error.position).toEqual(position);
});

test("codes tell errors apart", () => {
  const error: unknown = new MillraceError("next-in-end", { target: "a" });
  expect(isMillraceError(error)).toBe(true);
  expect(isMillraceError(error, "next-in-end")).toBe(true);
  expect(isMillraceError(error, "next-twice")).toBe(false);
  expect(isMillraceError(new Error("plain"))).toBe(false);
  expect(isMillraceError(undefined)).toBe(false);
});

test("anything thrown has a message", () => {
  expect([new Error("e"), "text", 7, undefined, null].map(messageOf)).toEqual(["e", "text", "7", "undefined", "null"]);
});
