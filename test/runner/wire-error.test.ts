import { expect, test } from "vitest";
import { MillraceError } from "../../src/core/errors/millrace-error.js";
import type { WireError } from "../../src/core/messages.js";
import { fromWire, refusal } from "../../src/runner/wire-error.js";

const onTheWire = ({ code, parameters, position }: MillraceError): WireError =>
  // What a message between processes does to it.
  JSON.parse(JSON.stringify({ code, parameters, position })) as WireError;

test("an error is the same on the other side", () => {
  const position = { file: "flow.ts", line: 3, column: 1 };
  const error = new MillraceError("next-target-unknown", { step: "a", target: "this.b", nearest: undefined }, { position });
  const there = fromWire(onTheWire(error));
  expect(there).toBeInstanceOf(MillraceError);
  expect([there.code, there.message, there.hint, there.exitCode, there.position]).toEqual([error.code, error.message, error.hint, 1, position]);
});

test("a refusal is its one error, all of them together, or what failed", () => {
  const errors = ["a", "b"].map((target) => onTheWire(new MillraceError("next-in-end", { target })));
  expect(refusal({ type: "refused", errors: errors.slice(0, 1) })).toMatchObject({ code: "next-in-end", parameters: { target: "a" } });
  const both = refusal({ type: "refused", errors });
  expect(both).toBeInstanceOf(AggregateError);
  expect((both as AggregateError).errors).toHaveLength(2);
  expect(both.message).toMatch(/next\(a\)[^]*next\(b\)/);
  const failure = { code: "exception", name: "Error", message: "a bug", frames: [] };
  expect(refusal({ type: "refused", errors: [], failure }).message).toContain("a bug");
  expect(refusal({ type: "refused", errors: [] }).message).not.toBe("");
});
