import { bundleFlow } from "../bundle/bundler.js";
import { parsePackage, serializePackage, type CodePackage } from "../bundle/code-package.js";
import { withBundler } from "../bundle/esbuild.js";
import { materialisePackage, type MaterialiseOptions } from "../bundle/executable-bundle.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { CodeRef, RunRecord } from "../core/records.js";
import type { RemoteFlowCode } from "../core/remote-job.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import type { ObjectStore } from "../store/object-store.js";
import { codeCacheDirs, resolveMillrace, type CodePlace } from "./installation.js";

/** A flow's code, ready to be loaded on this machine. */
export interface FlowCode {
  readonly package: CodePackage;
  /** The executable bundle's path. */
  readonly bundle: string;
  /** What the run that recorded it sent to other machines: with files of a project that may not be at hand. */
  readonly remote?: RemoteFlowCode;
}

/** Bundles a flow's file. */
export async function bundleCode(file: string, place: CodePlace): Promise<FlowCode> {
  return withBundler(async () => executable(await bundleFlow({ file, projectRoot: place.projectRoot }), place));
}

/** The code that a run recorded. Its packages are looked for from the project at hand. */
export async function recordedCode(store: ObjectStore, run: RunRecord, place: CodePlace & { readonly cwd: string }): Promise<FlowCode> {
  const bytes = new ArtifactReader(store).read(run.code.package, `the code of ${run.flow}/${run.run}`);
  if (!(bytes instanceof Uint8Array)) throw new Error("a code package is bytes");
  const code = await withBundler(() => executable(parsePackage(bytes), place, { fallbackDirs: [place.cwd] }));
  return { ...code, ...(run.code.remote !== undefined && { remote: run.code.remote }) };
}

/** Makes the copy of a package that this machine can import. */
export async function executable(
  code: CodePackage,
  place: CodePlace,
  options: Pick<MaterialiseOptions, "fallbackDirs" | "stepTargets"> = {},
): Promise<FlowCode> {
  let denied: unknown;
  for (const cacheDir of codeCacheDirs(place)) {
    try {
      const { projectRoot } = place;
      return { package: code, bundle: await materialisePackage(code, { ...options, cacheDir, projectRoot, resolveMillrace }) };
    } catch (error) {
      if (!isMillraceError(error, "code-cache-unwritable")) throw error;
      denied = error;
    }
  }
  throw denied;
}

/** Keeps a run's code in its datastore, once for all runs that share it. */
export async function storeCode(store: ObjectStore, code: CodePackage, exportName: string): Promise<CodeRef> {
  const ref = await new ArtifactWriter(store).writeAsync(serializePackage(code), "the code package");
  return { hash: code.hash, package: ref, file: code.manifest.entry, exportName };
}
