import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatLog, parseLog, type LogPiece, type LogStream } from "../../src/datastore/task-log.js";

const piece = (stream: LogStream, text: string, time = 1000): LogPiece => ({ time, stream, bytes: Buffer.from(text) });
const lines = (...pieces: readonly LogPiece[]) =>
  parseLog(formatLog(pieces)).map(({ stream, text, complete }) => `${stream === "stdout" ? "o" : "e"}${complete ? "" : "…"} ${text}`);

test("a log is text that people can read", () => {
  const time = Date.parse("2026-11-22T14:13:57.123Z");
  const log = formatLog([piece("stdout", "hello\n", time), piece("stderr", "oh", time + 1)]);
  expect(Buffer.from(log).toString("utf8")).toBe("2026-11-22T14:13:57.123Z o hello\n2026-11-22T14:13:57.124Z E oh\n");
});

describe("lines", () => {
  test("nothing printed is nothing", () => {
    expect(lines()).toEqual([]);
    expect(lines(piece("stdout", ""))).toEqual([]);
    expect(formatLog([])).toHaveLength(0);
  });

  test("several in one piece, and empty ones", () => {
    expect(lines(piece("stdout", "a\n\nb\n"))).toEqual(["o a", "o ", "o b"]);
  });

  test("one of several pieces", () => {
    expect(lines(piece("stdout", "a"), piece("stdout", "b"), piece("stdout", "c\n"))).toEqual(["o abc"]);
  });

  test("streams do not break each other's lines", () => {
    expect(lines(piece("stdout", "left "), piece("stderr", "warn\n"), piece("stdout", "right\n"))).toEqual(["e warn", "o left right"]);
  });

  test("what ends without a newline is marked, of both streams", () => {
    expect(lines(piece("stderr", "e1\ne2"), piece("stdout", "o1\no2"))).toEqual(["e e1", "o o1", "o… o2", "e… e2"]);
  });

  test("a character in two pieces is one", () => {
    const bytes = Buffer.from("größe 🚀\n");
    for (let at = 1; at < bytes.length; at++) {
      expect(
        lines({ time: 0, stream: "stdout", bytes: bytes.subarray(0, at) }, piece("stderr", "x\n"), {
          time: 0,
          stream: "stdout",
          bytes: bytes.subarray(at),
        }),
      ).toEqual(["e x", "o größe 🚀"]);
    }
  });

  test("carriage returns, tabs and colours stay", () => {
    expect(lines(piece("stdout", "10%\r20%\r\n\u001b[31mred\u001b[0m\tx\n"))).toEqual(["o 10%\r20%\r", "o \u001b[31mred\u001b[0m\tx"]);
  });

  test("text that looks like a log line is text", () => {
    expect(lines(piece("stdout", "2026-11-22T14:13:57.123Z e fake\n"))).toEqual(["o 2026-11-22T14:13:57.123Z e fake"]);
  });

  test("a line has the time at which its end was printed", () => {
    const [line] = parseLog(formatLog([piece("stdout", "a", 1000), piece("stdout", "b\n", 2000)]));
    expect(line?.time).toBe(2000);
  });
});

test("whatever is printed, in whatever pieces, each stream's text comes back", () => {
  const printed = fc.array(
    fc.record({
      stream: fc.constantFrom<LogStream>("stdout", "stderr"),
      text: fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom("\n", "a\nb", "\n\n", "\r\n")),
      cut: fc.nat(40),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(printed, (writes) => {
      const pieces = writes.flatMap(({ stream, text, cut }) => {
        const bytes = Buffer.from(text);
        const at = cut % (bytes.length + 1);
        return [
          { time: 0, stream, bytes: bytes.subarray(0, at) },
          { time: 0, stream, bytes: bytes.subarray(at) },
        ];
      });
      const read = parseLog(formatLog(pieces));
      for (const stream of ["stdout", "stderr"] as const) {
        const wanted = writes
          .filter((write) => write.stream === stream)
          .map(({ text }) => text)
          .join("");
        const got = read
          .filter((line) => line.stream === stream)
          .map(({ text, complete }) => (complete ? `${text}\n` : text))
          .join("");
        expect(got).toBe(wanted);
      }
    }),
  );
});

test("bytes that are no text do not disturb the lines around them", () => {
  const log = formatLog([
    piece("stdout", "before\n"),
    { time: 0, stream: "stdout", bytes: Uint8Array.from([0xff, 0x00, 0xfe, 0x0a]) },
    piece("stdout", "after\n"),
  ]);
  const read = parseLog(log).map(({ text }) => text);
  expect([read[0], read.length, read[2]]).toEqual(["before", 3, "after"]);
  expect(Buffer.from(log).includes(Buffer.from([0xff, 0x00, 0xfe, 0x0a]))).toBe(true);
});
