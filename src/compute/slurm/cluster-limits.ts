/** What of a cluster's configuration matters here. */
export interface ClusterLimits {
  /** Tasks that an array may have. */
  readonly largestArray: number;
  /** `sacct` knows of jobs that the controller has forgotten. */
  readonly hasAccounting: boolean;
}

/** Slurm's own default. */
const DEFAULT_ARRAY_SIZE = 1001;

/** Reads the answer of `scontrol show config`. */
export function parseLimits(text: string): ClusterLimits {
  const settings = new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const match = /^(\w+)\s*=\s*(.*)$/.exec(line.trim());
      return match?.[1] === undefined ? [] : [[match[1], match[2] ?? ""]];
    }),
  );
  // The largest index is one less than MaxArraySize; a scheduler's parameter may allow fewer tasks than that.
  const size = numberIn(settings.get("MaxArraySize")) ?? DEFAULT_ARRAY_SIZE;
  const tasks = numberIn(/max_array_tasks=(\d+)/.exec(settings.get("SchedulerParameters") ?? "")?.[1]) ?? size;
  const accounting = settings.get("AccountingStorageType") ?? "";
  return { largestArray: Math.max(1, Math.min(size, tasks)), hasAccounting: accounting !== "" && !accounting.endsWith("none") };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
