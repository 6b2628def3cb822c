import { expect, test } from "vitest";
import { MillraceError } from "../../src/core/errors/millrace-error.js";
import { noColors } from "../../src/terminal/colors.js";
import { exitCodeOfError, formatError } from "../../src/terminal/error-text.js";
import { formatFailure } from "../../src/terminal/failure-text.js";
import { formatProblems } from "../../src/terminal/problem-text.js";
import { TemporaryFolder } from "../config/temporary-folder.js";
import { failure } from "./run-events.js";

const inputs = { root: "/nowhere", colors: noColors, debug: false };

test("problems are shown with their source, and counted", () => {
  using folder = new TemporaryFolder({ "flow.ts": "class F {\n  start() {\n    this.next(this.endd);\n  }\n}\n" });
  const problems = [
    { code: "target-unknown", message: "start goes on to endd.", hint: "Did you mean end?", position: { file: "flow.ts", line: 3, column: 15 } },
    { code: "end-missing", message: "There is no end.", hint: "Add one." },
  ];
  expect(formatProblems(problems, folder.path, noColors)).toBe(`flow.ts:3:15 error start goes on to endd. target-unknown

    1 | class F {
    2 |   start() {
  > 3 |     this.next(this.endd);
      |               ^
    4 |   }
    5 | }
    6 |

  → Did you mean end?

error There is no end. end-missing
  → Add one.

2 problems found.
`);
});

test("an error of ours is its message and what to do next, without a stack", () => {
  const error = new MillraceError("unknown-command", { command: "rnu", nearest: "millrace run" });
  expect(formatError(error, inputs)).toBe(`error There is no command “rnu”. unknown-command
  → Did you mean millrace run? millrace help lists the commands.
`);
  expect(formatError(error, { ...inputs, debug: true })).toContain("at ");
});

test("an error at a place shows its source", () => {
  using folder = new TemporaryFolder({ "millrace.config.json": '{\n  "maxWorkers": 2,\n}\n' });
  const position = { file: "millrace.config.json", line: 3, column: 1 };
  const error = new MillraceError("config-malformed", { file: "millrace.config.json", reason: "a comma stands after the last entry" }, { position });
  expect(formatError(error, { ...inputs, root: folder.path })).toContain(`  millrace.config.json:3:1

    1 | {
    2 |   "maxWorkers": 2,
  > 3 | }
      | ^
`);
});

test("several errors are all told, and are wrong usage when each is", () => {
  const usage = new MillraceError("unknown-command", { command: "a" });
  const other = new MillraceError("cannot-write", { file: "f", reason: "no" });
  const text = formatError(new AggregateError([usage, other]), inputs);
  expect(text).toContain("unknown-command");
  expect(text).toContain("cannot-write");
  expect([
    exitCodeOfError(usage),
    exitCodeOfError(new AggregateError([usage, usage])),
    exitCodeOfError(new AggregateError([usage, other])),
    exitCodeOfError(new Error("x")),
  ]).toEqual([2, 2, 1, 1]);
});

test("anything else is said to be a bug of ours, with its stack only where it was asked for", () => {
  const text = formatError(new TypeError("x is not a function"), inputs);
  expect(text).toContain("internal error TypeError: x is not a function");
  expect(text).toContain("This is a bug in millrace");
  expect(text).toContain("MILLRACE_DEBUG=1");
  expect(text).not.toContain("    at ");
  // What comes from another process may bring its stack in its message.
  expect(formatError(new Error("Error: deep\n    at x (file:///y.js:1:1)"), inputs)).not.toContain("file:///");
  expect(formatError(new TypeError("x", { cause: new Error("deep") }), { ...inputs, debug: true })).toMatch(/ at [\s\S]*caused by Error: deep/);
});

test("causes and the errors of an AggregateError are shown below each other", () => {
  const cause = { ...failure, name: "RangeError", message: "deep", frames: [], hint: "Look there." };
  const { codeFrame: _, ...bare } = failure;
  expect(
    formatFailure({ ...bare, frames: [], name: "AggregateError", message: "two things", errors: [{ ...bare, frames: [] }, cause], cause }, noColors),
  ).toBe(`  AggregateError: two things

    • TypeError: Cannot read properties of undefined (reading 'text')

    • RangeError: deep

      22 |   score(row: Row) {
    > 23 |     return row.text.length;
         |            ^
      24 |   }

    → Look there.

  caused by RangeError: deep

    22 |   score(row: Row) {
  > 23 |     return row.text.length;
       |            ^
    24 |   }

  → Look there.`);
});

test("a cause made on the line that is shown is not shown again", () => {
  const text = formatFailure({ ...failure, cause: failure }, noColors);
  expect(text.match(/> 23 \|/g)).toHaveLength(1);
});

test("a failure of millrace's own rules is told in its words alone", () => {
  const own = { code: "next-missing", name: "MillraceError", message: "Step start did not call this.next.", hint: "Call it.", frames: [] };
  expect(formatFailure(own, noColors)).toBe("  Step start did not call this.next.\n\n  → Call it.");
});
