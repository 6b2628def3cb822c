import { mkdtempSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OutputFile } from "../../src/compute/local/output-file.js";

let folder: string;
let file: OutputFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-output-"));
  file = new OutputFile(join(folder, "0.out"));
});

afterEach(() => {
  file[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const print = (text: string | Uint8Array): void => void writeSync(file.writeFd, typeof text === "string" ? Buffer.from(text) : text);
const rest = (): string => [...file.readRest()].join("");
const task = (maxBytes: number): readonly [string, number, string] => {
  const { head, dropped, tail } = file.readTask(maxBytes);
  return [Buffer.from(head).toString(), dropped, Buffer.from(tail).toString()];
};

describe("what is new", () => {
  test("is read once", () => {
    file.beginTask();
    print("one\n");
    expect(file.readNew()).toBe("one\n");
    expect(file.readNew()).toBe("");
    print("two\n");
    expect(file.readNew()).toBe("two\n");
  });

  test("is read a part at a time, and the rest with the end", () => {
    file.beginTask();
    print("0123456789");
    expect([file.readNew(4), file.readNew(4)]).toEqual(["0123", "4567"]);
    expect(rest()).toBe("89");
    expect(rest()).toBe("");
  });

  test("keeps characters whole, and tells half a one at the end", () => {
    file.beginTask();
    const bytes = Buffer.from("é🚀");
    const texts = [...bytes].map((byte) => {
      print(Uint8Array.of(byte));
      return file.readNew();
    });
    expect(texts.join("")).toBe("é🚀");
    print(bytes.subarray(0, 1));
    expect(file.readNew()).toBe("");
    expect(rest()).toBe("\u{fffd}");
  });

  test("of a task is nothing of what was printed before it", () => {
    print("before");
    file.beginTask();
    expect(file.readNew()).toBe("");
    print("during");
    expect(file.readNew()).toBe("during");
    file.beginTask();
    expect(file.taskStart).toBe("beforeduring".length);
    expect(rest()).toBe("");
  });
});

describe("what a task printed", () => {
  test("is all of it, whether it was read or not", () => {
    print("before");
    file.beginTask();
    expect(task(100)).toEqual(["", 0, ""]);
    print("0123456789");
    file.readNew();
    expect(task(10)).toEqual(["", 0, "0123456789"]);
  });

  test("of more than is kept, the first half and the last", () => {
    file.beginTask();
    print("0123456789");
    expect(task(4)).toEqual(["01", 6, "89"]);
    expect(task(5)).toEqual(["01", 6, "89"]);
    expect(task(0)).toEqual(["", 10, ""]);
  });
});

test("a file that has grown large is emptied before the next task, and grows on", () => {
  file.beginTask();
  print(Buffer.alloc(2 * 1024 * 1024, "x"));
  file.beginTask();
  expect(statSync(file.path).size).toBe(0);
  print("next");
  expect(file.taskStart).toBe(0);
  expect(rest()).toBe("next");
  expect(task(100)).toEqual(["", 0, "next"]);
});
