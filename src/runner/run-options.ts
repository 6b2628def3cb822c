import type { Settings, SettingSource } from "../config/settings.js";
import type { RunOptions } from "../core/records.js";

/** What a new run goes by. */
export function runOptionsOf(settings: Settings): RunOptions {
  const { maxWorkers, maxNumSplits, keepGoing, maxLogBytes, namespace, branch, production } = settings;
  return {
    maxWorkers,
    maxNumSplits,
    keepGoing,
    maxLogBytes,
    with: settings.with,
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
    ...(isSaid(sources.maxWorkers) && { maxWorkers: all.maxWorkers }),
    ...(isSaid(sources.maxNumSplits) && { maxNumSplits: all.maxNumSplits }),
    ...(isSaid(sources.keepGoing) && { keepGoing: all.keepGoing }),
    ...(isSaid(sources.maxLogSize) && { maxLogBytes: all.maxLogBytes }),
    ...(isSaid(sources.with) && { with: all.with }),
    ...(isSaid(sources.namespace) && all.namespace !== undefined && { namespace: all.namespace }),
    ...(isSaid(sources.branch) && all.branch !== undefined && { branch: all.branch }),
    ...(isSaid(sources.production) && all.production !== undefined && { production: all.production }),
  };
}

const isSaid = ({ kind }: SettingSource): boolean => kind !== "file" && kind !== "default";
