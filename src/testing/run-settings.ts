import type { RunOptions } from "../core/records.js";
import type { GivenFields } from "../flow/flow-fields.js";
import type { RunSettings } from "./memory-run.js";
import { TestClock } from "./test-clock.js";

/** What a test may say of a run, whole or of one step. */
export interface TestOptions<F> {
  /** By field name, for an included file its path; the others have their defaults. */
  readonly parameters?: GivenFields<F>;
  /** Default: a clock of its own. */
  readonly clock?: TestClock;
  /** Items that a foreach may have; default 100, as with `millrace run`. */
  readonly maxNumSplits?: number;
  /** What `current.tags` and `current.user` tell. */
  readonly tags?: readonly string[];
  readonly user?: string;
  /** What default paths of `includeFile` are relative to: the folder of the flow's file. Default: the current folder. */
  readonly flowDir?: string;
  /** Aborted: what is at work fails, and nothing more is started. */
  readonly signal?: AbortSignal;
  /** `throw` what the step threw, or `return` a result that has it as its `error`. Default: throw. */
  readonly onFailure?: "throw" | "return";
}

/** Kept whole, whatever a step prints. */
const MAX_LOG_BYTES = Number.MAX_SAFE_INTEGER;

export function runSettings<F>(options: TestOptions<F>, run: Partial<RunOptions> = {}): RunSettings {
  return {
    parameters: options.parameters ?? {},
    clock: options.clock ?? new TestClock(),
    tags: options.tags ?? [],
    user: options.user ?? "test",
    flowDir: options.flowDir,
    options: { maxWorkers: 1, maxNumSplits: options.maxNumSplits ?? 100, keepGoing: false, with: [], maxLogBytes: MAX_LOG_BYTES, ...run },
  };
}
