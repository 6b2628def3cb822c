import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { platformNames } from "../../src/config/setting-definitions.js";
import { elfCpu, formatPlatform, isFor, ownPlatform, parsePlatform } from "../../src/packing/platform.js";

describe("platforms", () => {
  test("read and write the same, by the names of the setting", () => {
    for (const name of platformNames) {
      const platform = parsePlatform(name);
      expect(platform && formatPlatform(platform)).toBe(name);
    }
    expect(parsePlatform("win32-x64")).toBeUndefined();
  });

  test("take packages that are for them or for all", () => {
    const glibc = { os: "linux", cpu: "x64", libc: "glibc" } as const;
    const musl = { ...glibc, libc: "musl" } as const;
    expect(
      [{}, { os: ["linux"] }, { cpu: ["x64", "arm64"] }, { os: ["!win32"] }, { libc: ["glibc"] }].map((manifest) => isFor(manifest, glibc)),
    ).toEqual(Array.from({ length: 5 }, () => true));
    expect([{ os: ["darwin"] }, { cpu: "arm64" }, { os: ["!linux"] }].map((manifest) => isFor(manifest, glibc))).toEqual([false, false, false]);
    expect(isFor({ libc: ["glibc"] }, musl)).toBe(false);
  });

  test.runIf(process.platform === "linux")("know what a binary was made for", () => {
    expect(elfCpu(readFileSync(process.execPath))).toBe(ownPlatform().cpu);
    expect(elfCpu(Buffer.from("no binary, but a text that is long enough"))).toBeUndefined();
  });
});
