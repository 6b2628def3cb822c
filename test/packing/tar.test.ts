import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unpack } from "../../src/boot/unpack.js";
import { filesInTar, tarOf, type ArchiveFile } from "../../src/packing/tar.js";

/** Names as they come: of any letters, short and very long. */
const name = fc.oneof(fc.stringMatching(/^[a-z]{1,12}$/), fc.constantFrom("größe", "数据", "x".repeat(99), "y".repeat(180)));
const file = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => `${parts.join("/")}.txt`),
  content: fc.uint8Array({ maxLength: 1500 }),
  executable: fc.boolean(),
});
const files = fc.uniqueArray(file, { maxLength: 8, selector: ({ path }) => path });

describe("an archive", () => {
  test("unpacks to the files that it was made of, by the start script and by the system's tar", () => {
    fc.assert(
      fc.property(files, (made) => {
        inFolder((folder) => {
          unpack(tarOf(made), join(folder, "ours"));
          for (const each of made) expectFile(join(folder, "ours"), each);
        });
      }),
      { numRuns: 60 },
    );
    inFolder((folder) => {
      const [made = []] = fc.sample(fc.uniqueArray(file, { minLength: 6, selector: ({ path }) => path }), { numRuns: 1, seed: 7 });
      writeFileSync(join(folder, "a.tar"), tarOf(made));
      expect(spawnSync("tar", ["-xf", "a.tar"], { cwd: folder }).status).toBe(0);
      for (const each of made) expectFile(folder, each);
    });
  });

  test("tells its files", () => {
    fc.assert(
      fc.property(files, (made) => {
        const listed = filesInTar(tarOf(made)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
        expect(listed).toEqual(made.map(({ path, content }) => ({ path, bytes: content.length })).toSorted((a, b) => (a.path < b.path ? -1 : 1)));
      }),
    );
  });

  test("has the same bytes whatever the order of its files", () => {
    fc.assert(
      fc.property(files, (made) => {
        expect(tarOf(made.toReversed()).equals(tarOf(made))).toBe(true);
      }),
    );
  });
});

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expectFile(folder: string, { path, content, executable }: ArchiveFile): void {
  const found = join(folder, path);
  expect(Buffer.compare(readFileSync(found), content), path).toBe(0);
  if (process.platform !== "win32") expect((statSync(found).mode & 0o100) !== 0, path).toBe(executable);
}
