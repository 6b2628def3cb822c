import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogTail, readTail } from "../../../src/compute/slurm/log-tail.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-tail-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("however the bytes come, the text is whole and in order", () => {
  let files = 0;
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.array(fc.nat(80)), (text, cuts) => {
      const bytes = Buffer.from(text, "utf8");
      const path = join(folder, `${files++}.out`);
      const tail = new LogTail(path);
      let read = "";
      let start = 0;
      for (const cut of [...cuts.filter((place) => place < bytes.length).toSorted((a, b) => a - b), bytes.length]) {
        appendFileSync(path, bytes.subarray(start, cut));
        start = cut;
        read += tail.readNew();
      }
      expect(read).toBe(text);
    }),
    { numRuns: 40 },
  );
});

test("a file that is not there yet, or was begun anew, is no trouble", () => {
  const path = join(folder, "1.out");
  const tail = new LogTail(path);
  expect(tail.readNew()).toBe("");
  writeFileSync(path, "one\ntwo\n");
  expect(tail.readNew()).toBe("one\ntwo\n");
  expect(tail.readNew()).toBe("");
  writeFileSync(path, "new\n");
  expect(tail.readNew()).toBe("new\n");
});

test("the last part of a file, and how much stands before it", () => {
  const path = join(folder, "1.err");
  expect(readTail(path, 10)).toBeUndefined();
  writeFileSync(path, "0123456789");
  expect(readTail(path, 4)).toMatchObject({ before: 6, bytes: Buffer.from("6789") });
  expect(readTail(path, 40)).toMatchObject({ before: 0, bytes: Buffer.from("0123456789") });
});
