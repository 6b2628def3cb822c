import { withBundler } from "../bundle/esbuild.js";
import type { Environment } from "../config/environment.js";
import type { GraphStep } from "../core/graph.js";
import type { LocalPool } from "../compute/local/local-pool.js";
import { installStepPackages, targetsHere } from "../packing/step-packages.js";
import { executable, type FlowCode } from "./flow-code.js";
import { FlowProcess } from "./flow-process.js";
import { codeCacheDirs, type CodePlace } from "./installation.js";

/** A flow that is loaded, with all that loads it once more. */
export interface LoadedCode {
  readonly code: FlowCode;
  readonly flow: FlowProcess;
  readonly pool: LocalPool;
  readonly options: CodePlace & { readonly file: string; readonly cwd: string; readonly env: Environment };
}

/**
 * Installs the packages that `@npm` names for steps that run here, and loads the flow again in a process in which their imports find
 * them. The same flow as it was, if nothing imports them.
 * @throws MillraceError `npm-missing`, `npm-failed`
 */
export async function loadWithPackages(
  { code, flow, pool, options: place }: LoadedCode,
  steps: readonly GraphStep[],
): Promise<Pick<LoadedCode, "code" | "flow">> {
  const { projectRoot, env } = place;
  const loaded = await withBundler(async () => {
    const packages = await installStepPackages(steps, code.package, { cacheDir: packageCacheDir(projectRoot), projectRoot, env });
    const stepTargets = targetsHere(packages, code.package);
    return stepTargets.size === 0 ? undefined : executable(code.package, place, { fallbackDirs: [place.cwd], stepTargets });
  });
  if (loaded === undefined) return { code, flow };
  flow.process.dismiss();
  return { code: { ...code, ...loaded }, flow: await FlowProcess.start(pool.startProcess(), place.file, loaded.bundle, flow.load.exportName) };
}

/** Where installed packages are kept. */
export function packageCacheDir(projectRoot: string): string {
  const [first = ""] = codeCacheDirs({ projectRoot });
  return first;
}
