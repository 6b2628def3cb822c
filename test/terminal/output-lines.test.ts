import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OutputLines } from "../../src/terminal/output-lines.js";
import { START, task } from "./run-events.js";

function linesOf(pieces: readonly string[]): string[] {
  const output = new OutputLines();
  const one = task("start");
  const lines = pieces.flatMap((text) => output.take({ type: "task-output", time: START, task: one, stream: "stdout", text }));
  return [...lines, ...output.finish(one)].map((line) => line.text);
}

test("lines do not depend on how the output was cut into pieces", () => {
  const words = fc.array(fc.constantFrom("a", "bc", "\n", "\r", "\r\n", " ", "日本"), { maxLength: 30 });
  fc.assert(
    fc.property(words, fc.array(fc.nat(40)), (parts, cuts) => {
      const text = parts.join("");
      const places = [...new Set(cuts.filter((cut) => cut < text.length))].sort((a, b) => a - b);
      const pieces = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
      expect(linesOf(pieces)).toEqual(linesOf([text]));
    }),
  );
});

test("a carriage return overwrites what stands before it", () => {
  expect(linesOf(["10%\r20%\r", "30%\n", "done"])).toEqual(["30%", "done"]);
  expect(linesOf(["kept\r\n", "also kept\r"])).toEqual(["kept", "also kept"]);
});

test("unfinished lines show what stands there now", () => {
  const output = new OutputLines();
  const take = (stream: "stdout" | "stderr", text: string): unknown =>
    output.take({ type: "task-output", time: START, task: task("start"), stream, text });
  take("stderr", "\r10%");
  take("stderr", "\r20%\r");
  take("stdout", "prompt> ");
  expect(output.unfinished.map((line) => line.text)).toEqual(["20%", "prompt> "]);
  take("stderr", "\n");
  expect(output.unfinished.map((line) => line.text)).toEqual(["prompt> "]);
});

test("streams and attempts do not mix", () => {
  const output = new OutputLines();
  output.take({ type: "task-output", time: START, task: task("start"), stream: "stdout", text: "a" });
  output.take({ type: "task-output", time: START, task: task("start"), stream: "stderr", text: "b" });
  output.take({ type: "task-output", time: START, task: task("start", "0", { attempt: 1 }), stream: "stdout", text: "c" });
  expect(output.finish(task("start")).map((line) => line.text)).toEqual(["a", "b"]);
  expect(output.unfinished.map((line) => line.text)).toEqual(["c"]);
});

test("output without line ends is let go in pieces", () => {
  const output = new OutputLines();
  const piece = "x".repeat(50_000);
  const take = (): number => output.take({ type: "task-output", time: START, task: task("start"), stream: "stdout", text: piece }).length;
  expect([take(), take(), take(), take()]).toEqual([0, 1, 0, 1]);
});
