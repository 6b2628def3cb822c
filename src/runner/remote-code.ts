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
import { findPackages, notePackages, type PackagesRecord } from "../datastore/packed-packages.js";
import { packFlow, prepareFlow, type PackedFlow, type PackRequest, type PreparedFlow } from "../packing/flow-archive.js";
import type { UnlockedPackage } from "../packing/lockfile.js";
import type { PackedArchive } from "../packing/packed-archive.js";
import { DEFAULT_PLATFORM, formatPlatform, parsePlatform } from "../packing/platform.js";
import type { TravellingPackages } from "../packing/travelling-packages.js";
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

/** A flow's code, kept in the datastore. */
export interface StoredCode {
  readonly code: RemoteFlowCode;
  /** Packages that travel in other versions than the lockfile's. */
  readonly unlocked: readonly UnlockedPackage[];
}

/**
 * Makes the archives of a flow and keeps them in the datastore, those that are not there yet. The runtime is the same for all flows of
 * an installation, packages for all flows of a project. What a job of a step is told of it: `codeOfStep(code, step)`.
 * @throws MillraceError `bundler-failed`, `package-foreign`, and those of the store.
 */
export async function buildRemoteCode(store: ObjectStore, request: RemoteCodeRequest): Promise<StoredCode> {
  const { exportName, steps, recorded } = request;
  if (recorded !== undefined && covers(recorded, steps)) {
    // The runtime stands first; it is of the version that goes on.
    return { code: { ...recorded, archives: [await storeInstalled(store, "runtime"), ...recorded.archives.slice(1)] }, unlocked: [] };
  }
  const pack = packRequest(request);
  const [prepared, runtime] = await Promise.all([prepareFlow(pack), storeInstalled(store, "runtime")]);
  const { own, dependencies, stepPackages, bundle, root, unlocked } = prepared;
  const platform = formatPlatform(pack.target);
  const archives = await Promise.all([
    storePacked(store, own).then(({ archive }) => archive),
    ...(dependencies === undefined ? [] : [storePackages(store, platform, dependencies)]),
  ]);
  const stepArchives = await storeForSteps(store, steps, await storeDistinct(stepPackages, (each) => storePackages(store, platform, each)));
  const code = {
    archives: [runtime, ...archives],
    bundle,
    exportName,
    project: root.project,
    cwd: root.cwd,
    ...(stepArchives.length > 0 && { stepArchives: Object.fromEntries(stepArchives) }),
  };
  return { code, unlocked };
}

/** Steps with the same packages share their archive. */
async function storeDistinct(
  packages: PreparedFlow["stepPackages"],
  storeOne: (packages: TravellingPackages) => Promise<RemoteArchive>,
): Promise<ReadonlyMap<string, RemoteArchive>> {
  const stored = new Map<TravellingPackages, RemoteArchive>();
  const all = new Map<string, RemoteArchive>();
  for (const [step, each] of packages) {
    const archive = stored.get(each) ?? (await storeOne(each));
    stored.set(each, archive);
    all.set(step, archive);
  }
  return all;
}

/** Packages that were packed before, by whomever, are only looked up. */
async function storePackages(store: ObjectStore, platform: string, { key, pack }: TravellingPackages): Promise<RemoteArchive> {
  const found = key === undefined ? undefined : await findPackages(store, { platform, key });
  if (found !== undefined) return found;
  const stored = await storePacked(store, await pack());
  if (key !== undefined) await notePackages(store, { platform, key }, stored);
  return stored.archive;
}

/** Whether an earlier run sent what these steps need: it may have run some of them at home. */
function covers({ stepArchives }: RemoteFlowCode, steps: readonly GraphStep[]): boolean {
  return steps.every((step) => !["npm", "card"].some((name) => findDecorator(step, name) !== undefined) || stepArchives?.[step.name] !== undefined);
}

/** What only the jobs of some steps need: the program that draws charts, for cards, and packages of `@npm`. */
async function storeForSteps(
  store: ObjectStore,
  steps: readonly GraphStep[],
  packages: ReadonlyMap<string, RemoteArchive>,
): Promise<(readonly [string, readonly RemoteArchive[]])[]> {
  const all = steps.map(async (step) => {
    const own = packages.get(step.name);
    const charts = findDecorator(step, "card") === undefined ? [] : [await storeInstalled(store, "charts")];
    return [step.name, [...charts, ...(own === undefined ? [] : [own])]] as const;
  });
  return (await Promise.all(all)).filter(([, stored]) => stored.length > 0);
}

/** Packs without storing: what would travel. */
export async function packForJobs(request: Omit<RemoteCodeRequest, "exportName">): Promise<PackedFlow> {
  return packFlow(packRequest(request));
}

function packRequest({ packaging, ...request }: Omit<RemoteCodeRequest, "exportName">): PackRequest {
  return {
    ...request,
    suffixes: packaging?.suffixes ?? [],
    external: packaging?.external ?? [],
    target: parsePlatform(packaging?.platform ?? "") ?? DEFAULT_PLATFORM,
    cacheDir: packageCacheDir(request.projectRoot),
  };
}

/** Archives that came with this installation, by name. */
export type InstalledArchives = Readonly<Record<"runtime" | "charts", { readonly sha256: string; readonly size: number }>>;

export async function installedArchives(): Promise<InstalledArchives> {
  return JSON.parse(await readFile(distFile("remote/runtime.json"), "utf8")) as InstalledArchives;
}

async function storeInstalled(store: ObjectStore, name: keyof InstalledArchives): Promise<RemoteArchive> {
  const { [name]: installed } = await installedArchives();
  return (await storeArchive(store, installed, () => readFileSync(distFile(`remote/${name}.tar.br`)))).archive;
}

/** Larger archives are compressed more lightly: the wait for it is longer than what it saves on the way. */
const LARGE_BYTES = 4 * 1024 * 1024;

async function storePacked(store: ObjectStore, { tar, sha256 }: PackedArchive): Promise<StoredArchive> {
  return storeArchive(store, { sha256, size: tar.length }, () => compress([tar], qualityFor(tar)));
}

/** How hard an archive is compressed. */
export function qualityFor(tar: Uint8Array): number {
  return tar.length > LARGE_BYTES ? 4 : 9;
}

type StoredArchive = Pick<PackagesRecord, "archive" | "part">;

/** @param stored Makes the object's bytes: only if they are not there. */
async function storeArchive(
  store: ObjectStore,
  { sha256, size }: { readonly sha256: string; readonly size: number },
  stored: () => Uint8Array,
): Promise<StoredArchive> {
  const part = await storeBlob(store, { part: { hash: sha256, size, compression: "br" }, chunks: () => [stored()] });
  const key = blobKey(part);
  const bytes = (await store.stat(key))?.size ?? 0;
  return { archive: { key, sha256, bytes, compression: "br" }, part };
}
