import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { CodePackage } from "../bundle/code-package.js";
import type { Environment } from "../config/environment.js";
import { findDecorator } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";
import type { PackagingOptions } from "../core/records.js";
import type { RemoteArchive, RemoteFlowCode } from "../core/remote-job.js";
import { blobKey } from "../datastore/artifacts/blob-key.js";
import { storeBlob } from "../datastore/artifacts/blob-storing.js";
import { compress } from "../datastore/artifacts/compression.js";
import { packFlow, type PackedArchive, type PackedFlow } from "../packing/flow-archive.js";
import { DEFAULT_PLATFORM, parsePlatform } from "../packing/platform.js";
import type { ObjectStore } from "../store/object-store.js";
import { distFile } from "./installation.js";
import { packageCacheDir } from "./step-packages.js";

/** A flow that goes to other machines. */
export interface RemoteCodeRequest {
  readonly code: CodePackage;
  readonly exportName: string;
  /** Absolute. */
  readonly projectRoot: string;
  /** The folder that steps work in, absolute. */
  readonly cwd: string;
  readonly packaging: PackagingOptions | undefined;
  /** What npm finds in its environment. */
  readonly env: Environment;
  /** The steps that run elsewhere. */
  readonly steps: readonly GraphStep[];
  /** What an earlier run sent, whose recorded code this is. */
  readonly recorded?: RemoteFlowCode | undefined;
}

/**
 * Makes the archives of a flow and keeps them in the datastore, those that are not there yet. The runtime is the same for all flows of
 * an installation. What a job of a step is told of it: `codeOfStep(code, step)`.
 * @throws MillraceError `bundler-failed`, `package-foreign`, and those of the store.
 */
export async function buildRemoteCode(store: ObjectStore, request: RemoteCodeRequest): Promise<RemoteFlowCode> {
  const { exportName, steps, recorded } = request;
  if (recorded !== undefined && covers(recorded, steps)) {
    // The runtime stands first; it is of the version that goes on.
    return { ...recorded, archives: [await storeInstalled(store, "runtime"), ...recorded.archives.slice(1)] };
  }
  const [packed, runtime] = await Promise.all([packForJobs(request), storeInstalled(store, "runtime")]);
  const archives = await Promise.all(packed.archives.map((archive) => storePacked(store, archive)));
  const stepArchives = await storeForSteps(store, steps, packed.stepArchives);
  return {
    archives: [runtime, ...archives],
    bundle: packed.bundle,
    exportName,
    project: packed.root.project,
    cwd: packed.root.cwd,
    ...(stepArchives.length > 0 && { stepArchives: Object.fromEntries(stepArchives) }),
  };
}

/** Whether an earlier run sent what these steps need: it may have run some of them at home. */
function covers({ stepArchives }: RemoteFlowCode, steps: readonly GraphStep[]): boolean {
  return steps.every((step) => !["npm", "card"].some((name) => findDecorator(step, name) !== undefined) || stepArchives?.[step.name] !== undefined);
}

/** What only the jobs of some steps need: the program that draws charts, for cards, and packages of `@npm`. */
async function storeForSteps(
  store: ObjectStore,
  steps: readonly GraphStep[],
  packages: ReadonlyMap<string, PackedArchive>,
): Promise<(readonly [string, readonly RemoteArchive[]])[]> {
  const all = steps.map(async (step) => {
    const own = packages.get(step.name);
    const stored = await Promise.all([
      ...(findDecorator(step, "card") === undefined ? [] : [storeInstalled(store, "charts")]),
      ...(own === undefined ? [] : [storePacked(store, own)]),
    ]);
    return [step.name, stored] as const;
  });
  return (await Promise.all(all)).filter(([, stored]) => stored.length > 0);
}

/** Packs without storing: what would travel. */
export async function packForJobs({ packaging, ...request }: Omit<RemoteCodeRequest, "exportName">): Promise<PackedFlow> {
  return packFlow({
    ...request,
    suffixes: packaging?.suffixes ?? [],
    external: packaging?.external ?? [],
    target: parsePlatform(packaging?.platform ?? "") ?? DEFAULT_PLATFORM,
    cacheDir: packageCacheDir(request.projectRoot),
  });
}

/** Archives that came with this installation, by name. */
export type InstalledArchives = Readonly<Record<"runtime" | "charts", { readonly sha256: string; readonly size: number }>>;

export async function installedArchives(): Promise<InstalledArchives> {
  return JSON.parse(await readFile(distFile("remote/runtime.json"), "utf8")) as InstalledArchives;
}

async function storeInstalled(store: ObjectStore, name: keyof InstalledArchives): Promise<RemoteArchive> {
  const { [name]: archive } = await installedArchives();
  return storeArchive(store, archive, () => readFileSync(distFile(`remote/${name}.tar.br`)));
}

/** Larger archives are compressed more lightly: the wait for it is longer than what it saves on the way. */
const LARGE_BYTES = 4 * 1024 * 1024;

async function storePacked(store: ObjectStore, { tar, sha256 }: PackedArchive): Promise<RemoteArchive> {
  return storeArchive(store, { sha256, size: tar.length }, () => compress([tar], qualityFor(tar)));
}

/** How hard an archive is compressed. */
export function qualityFor(tar: Uint8Array): number {
  return tar.length > LARGE_BYTES ? 4 : 9;
}

/** @param stored Makes the object's bytes: only if they are not there. */
async function storeArchive(
  store: ObjectStore,
  { sha256, size }: { readonly sha256: string; readonly size: number },
  stored: () => Uint8Array,
): Promise<RemoteArchive> {
  const part = await storeBlob(store, { part: { hash: sha256, size, compression: "br" }, chunks: () => [stored()] });
  const key = blobKey(part);
  const bytes = (await store.stat(key))?.size ?? 0;
  return { key, sha256, bytes, compression: "br" };
}
