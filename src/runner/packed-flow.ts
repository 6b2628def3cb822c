import { readFile } from "node:fs/promises";
import { brotliDecompressSync } from "node:zlib";
import { compress } from "../datastore/artifacts/compression.js";
import type { PackedFlow } from "../packing/flow-archive.js";
import type { PackedArchive, PackedFile } from "../packing/packed-archive.js";
import { filesInTar } from "../packing/tar.js";
import { distFile } from "./installation.js";
import { qualityFor } from "./remote-code.js";

/** What would travel to other machines. */
export interface Package extends Pick<PackedFlow, "bundled" | "unbundled" | "unlocked" | "leftOut" | "modules"> {
  readonly archives: readonly PackageArchive[];
}

export interface PackageArchive {
  readonly name: PackedArchive["name"] | "runtime" | "charts";
  /** The steps that alone need it; absent: all. */
  readonly steps?: readonly string[];
  readonly files: readonly PackedFile[];
  readonly tar: Uint8Array;
  /** Bytes that are sent. */
  readonly sentBytes: number;
}

/**
 * All archives of a flow as its jobs get them.
 * @param cardSteps Steps with cards, which need the program that draws charts.
 */
export async function describePackage(packed: PackedFlow, cardSteps: readonly string[]): Promise<Package> {
  const { bundled, unbundled, unlocked, leftOut, modules } = packed;
  const ofSteps = new Map<PackedArchive, string[]>();
  for (const [step, archive] of packed.stepArchives) ofSteps.set(archive, [...(ofSteps.get(archive) ?? []), step]);
  const archives = [
    await installed("runtime"),
    ...packed.archives.map((archive) => made(archive)),
    ...Array.from(ofSteps, ([archive, steps]) => made(archive, steps)),
    ...(cardSteps.length === 0 ? [] : [{ ...(await installed("charts")), steps: cardSteps }]),
  ];
  return { archives, bundled, unbundled, unlocked, leftOut, modules };
}

function made({ name, files, tar }: PackedArchive, steps?: readonly string[]): PackageArchive {
  return { name, files, tar, sentBytes: compress([tar], qualityFor(tar)).length, ...(steps !== undefined && { steps }) };
}

async function installed(name: "runtime" | "charts"): Promise<PackageArchive> {
  const stored = await readFile(distFile(`remote/${name}.tar.br`));
  const tar = brotliDecompressSync(stored);
  return { name, tar, sentBytes: stored.length, files: filesInTar(tar) };
}
