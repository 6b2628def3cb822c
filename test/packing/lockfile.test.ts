import { expect, test } from "vitest";
import { findUnlocked } from "../../src/packing/lockfile.js";
import type { InstalledPackage } from "../../src/packing/installed-package.js";

const pack = (name: string, version: string): InstalledPackage => ({ name, version, folder: `/node_modules/${name}`, manifest: {} });

const lockfiles: readonly (readonly [string, string])[] = [
  [
    "package-lock.json",
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "": { name: "@scope/pack", version: "9.9.9" },
        "node_modules/sharp": { version: "0.33.5" },
        "node_modules/a/node_modules/sharp": { version: "0.32.0" },
        "node_modules/@scope/pack": { version: "1.2.3-beta.1" },
        "node_modules/alias": { name: "real", version: "2.0.0" },
      },
    }),
  ],
  [
    "pnpm-lock.yaml",
    `lockfileVersion: '9.0'
packages:

  '@scope/pack@1.2.3-beta.1':
    resolution: {integrity: sha512-a}
  sharp@0.32.0:
    resolution: {integrity: sha512-b}
  real@2.0.0:
    resolution: {integrity: sha512-d}
snapshots:
  sharp@0.33.5(react@18.2.0):
    dependencies:
      color: 4.2.3
  not-sharp@7.0.0: {}
`,
  ],
  [
    "pnpm-lock.yaml",
    `lockfileVersion: 5.4\npackages:\n  /@scope/pack/1.2.3-beta.1:\n  /sharp/0.33.5_react@18.2.0:\n  /sharp/0.32.0:\n  /real/2.0.0:\n`,
  ],
  [
    "yarn.lock",
    `# yarn lockfile v1

"@scope/pack@^1.2.0":
  version "1.2.3-beta.1"
  resolved "https://example.org/pack.tgz"

not-sharp@^7.0.0:
  version "7.0.0"

real@^2.0.0, real@^2.0:
  version "2.0.0"

sharp@^0.32.0:
  version "0.32.0"

"sharp@^0.33.0 || ^0.34.0", sharp@^0.33.1:
  version "0.33.5"
`,
  ],
  [
    "yarn.lock",
    `__metadata:
  version: 8

"@scope/pack@npm:^1.2.0":
  version: 1.2.3-beta.1
  resolution: "@scope/pack@npm:1.2.3-beta.1"

"real@npm:^2.0.0":
  version: 2.0.0
  resolution: "real@npm:2.0.0"

"sharp@npm:^0.32.0":
  version: 0.32.0
  resolution: "sharp@npm:0.32.0"

"sharp@npm:^0.33.0, sharp@npm:^0.33.1":
  version: 0.33.5
  resolution: "sharp@npm:0.33.5"
`,
  ],
  [
    "bun.lock",
    `{ "packages": { "sharp": ["sharp@0.33.5", "", {}, "sha512-a"], "a/sharp": ["sharp@0.32.0", "", {}],
  "@scope/pack": ["@scope/pack@1.2.3-beta.1", ""], "real": ["real@2.0.0", ""] } }`,
  ],
];

test.each(lockfiles)("%s: versions that it has are its own, others are told", (name, text) => {
  const lockfile = { name, text };
  const known = [pack("sharp", "0.33.5"), pack("sharp", "0.32.0"), pack("@scope/pack", "1.2.3-beta.1"), pack("real", "2.0.0")];
  expect(findUnlocked(lockfile, [...known, pack("unknown", "1.0.0")])).toEqual([]);
  const told = findUnlocked(lockfile, [pack("sharp", "0.33.4"), pack("@scope/pack", "1.2.3")]);
  expect(told.map(({ locked, ...rest }) => ({ ...rest, locked: locked.toSorted() }))).toEqual([
    { name: "sharp", installed: "0.33.4", locked: ["0.32.0", "0.33.5"], lockfile: name },
    { name: "@scope/pack", installed: "1.2.3", locked: ["1.2.3-beta.1"], lockfile: name },
  ]);
});

test("a lockfile that cannot be read says nothing", () => {
  expect(findUnlocked({ name: "package-lock.json", text: "{" }, [pack("sharp", "1.0.0")])).toEqual([]);
});
