import { resolve } from "node:path";
import type { Settings, SettingSource } from "../config/settings.js";
import type { BatchDefaults, PackagingOptions, RunOptions, SlurmDefaults } from "../core/records.js";

/** What a new run goes by. */
export function runOptionsOf(settings: Settings): RunOptions {
  const { maxWorkers, maxNumSplits, keepGoing, maxLogBytes, namespace, branch, production, sources } = settings;
  const batch = batchDefaults(settings);
  const packaging = packagingOptionsOf(settings);
  const slurm = slurmDefaults(settings);
  return {
    maxWorkers,
    maxNumSplits,
    keepGoing,
    maxLogBytes,
    with: settings.with,
    ...(sources.maxWorkers.kind !== "default" && { boundsJobs: true }),
    ...(batch !== undefined && { batch }),
    ...(packaging !== undefined && { packaging }),
    ...(slurm !== undefined && { slurm }),
    ...(namespace !== undefined && { namespace }),
    ...(branch !== undefined && { branch }),
    ...(production !== undefined && { production }),
  };
}

/** What a resume was told anew, by the command line, a program or the environment; the rest stays as the origin's. */
export function changedRunOptions(settings: Settings): Partial<RunOptions> {
  const { sources } = settings;
  const all = runOptionsOf(settings);
  return {
    ...(isSaid(sources.maxWorkers) && { maxWorkers: all.maxWorkers, boundsJobs: true }),
    ...(isSaid(sources.maxNumSplits) && { maxNumSplits: all.maxNumSplits }),
    ...(isSaid(sources.keepGoing) && { keepGoing: all.keepGoing }),
    ...(isSaid(sources.maxLogSize) && { maxLogBytes: all.maxLogBytes }),
    ...(all.batch !== undefined && { batch: all.batch }),
    ...(all.packaging !== undefined && { packaging: all.packaging }),
    ...(all.slurm !== undefined && { slurm: all.slurm }),
    ...(isSaid(sources.with) && { with: all.with }),
    ...(isSaid(sources.namespace) && all.namespace !== undefined && { namespace: all.namespace }),
    ...(isSaid(sources.branch) && all.branch !== undefined && { branch: all.branch }),
    ...(isSaid(sources.production) && all.production !== undefined && { production: all.production }),
  };
}

/** What is said of jobs on AWS Batch; undefined when nothing is. */
function batchDefaults({ batchQueue, batchImage, batchJobRole, batchExecutionRole }: Settings): BatchDefaults | undefined {
  const said: BatchDefaults = {
    ...(batchQueue !== undefined && { queue: batchQueue }),
    ...(batchImage !== undefined && { image: batchImage }),
    ...(batchJobRole !== undefined && { jobRole: batchJobRole }),
    ...(batchExecutionRole !== undefined && { executionRole: batchExecutionRole }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

/** How code is packed; undefined when nothing is said of it. */
export function packagingOptionsOf({ packageSuffixes, external, platform, sources }: Settings): PackagingOptions | undefined {
  const said: PackagingOptions = {
    ...(packageSuffixes.length > 0 && { suffixes: packageSuffixes }),
    ...(external.length > 0 && { external }),
    ...(sources.platform.kind !== "default" && { platform }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

/** What is said of jobs on Slurm; undefined when nothing is. */
function slurmDefaults({ root, slurmPartition, slurmAccount, slurmSetup, slurmNode, slurmLogs }: Settings): SlurmDefaults | undefined {
  const said: SlurmDefaults = {
    ...(slurmPartition !== undefined && { partition: slurmPartition }),
    ...(slurmAccount !== undefined && { account: slurmAccount }),
    ...(slurmSetup.length > 0 && { setup: slurmSetup }),
    ...(slurmNode !== undefined && { node: slurmNode }),
    ...(slurmLogs !== undefined && { logs: resolve(root, slurmLogs) }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

const isSaid = ({ kind }: SettingSource): boolean => kind !== "file" && kind !== "default";
