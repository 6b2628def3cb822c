import type { RunOptions } from "../core/records.js";
import type { RemoteEngine } from "./remote/engine.js";
import type { EngineName } from "./step-place.js";

/** What an engine goes by. */
export interface EngineSettings {
  /** Of the run, or of the run whose jobs are looked for. */
  readonly options: Pick<RunOptions, "batch" | "slurm">;
}

/** Opens an engine; what it needs is loaded now, and nothing is asked of it yet. */
export type OpenEngine = (name: EngineName, settings: EngineSettings) => Promise<RemoteEngine>;

/** @throws MillraceError `companion-missing` when the vendor's package is not installed */
export const openEngine: OpenEngine = async (name, settings) => {
  switch (name) {
    case "batch":
      return (await import("./batch/open-batch.js")).openBatch(settings);
    case "slurm":
      return (await import("./slurm/open-slurm.js")).openSlurm(settings);
  }
};
