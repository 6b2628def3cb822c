import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-modules.js";

const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(root, file)));

test("the lock file names versions and checksums, no hosts", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
  };
  expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

test("no file names a folder of the machine it was written on", () => {
  const paths = [root, homedir()].map((path) => `${path}/`);
  expect(filesWith((text) => paths.some((path) => text.includes(path)))).toEqual([]);
});

test("no test is focused, no work is left for later", () => {
  const marks = /\b(?:test|it|describe)\.only\b|\bTODO\b|\bFIXME\b/;
  expect(filesWith((text) => marks.test(text)).filter((file) => file !== "test/architecture/repository.test.ts")).toEqual([]);
});

test("no file is both large and unexplained", () => {
  const large = files.filter((file) => readFileSync(join(root, file)).length > 1_000_000);
  expect(large).toEqual([]);
});

function filesWith(matches: (text: string) => boolean): string[] {
  return files.filter((file) => matches(readFileSync(join(root, file), "utf8")));
}
