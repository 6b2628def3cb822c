import { MillraceError } from "../core/errors/millrace-error.js";
import type { StepGuard } from "./workplace.js";

/** Handles of the runtime itself, and such as end by themselves. */
const HARMLESS = new Set(["PipeWrap", "TTYWrap", "Immediate", "TickObject", "CloseReq"]);

/**
 * Watches the process while a step runs in it: what would have ended a plain program (an uncaught error, an unhandled
 * rejection, `process.exit`, nothing left to wait for) ends the attempt instead, and the process is given up after it.
 */
export class ProcessGuard implements StepGuard {
  #fail: ((error: unknown) => void) | undefined;
  #broken = false;
  #baseline = new Map<string, number>();
  #folder = process.cwd();
  readonly #exit = process.exit.bind(process);

  /** Ends the process, whatever runs in it. */
  leave(): never {
    return this.#exit(0);
  }

  install(): void {
    process.on("uncaughtException", (error) => this.#break(error));
    process.on("unhandledRejection", (reason) => this.#break(reason));
    process.on("beforeExit", () => {
      if (this.#fail !== undefined) this.#break(new MillraceError("step-never-ends", {}));
    });
    process.exit = (code?: number | string | null): never => {
      if (this.#fail === undefined) return this.#exit(code);
      const error = new MillraceError("process-exit", { code: String(code ?? process.exitCode ?? 0) });
      this.#break(error);
      throw error;
    };
  }

  /** What is open now was opened by the flow's modules, not by a step. */
  takeBaseline(): void {
    this.#baseline = activeResources();
    this.#folder = process.cwd();
  }

  #break(error: unknown): void {
    this.#broken = true;
    const fail = this.#fail;
    this.#fail = undefined;
    fail?.(error);
  }

  /** Runs a step, or other code of the user's; rejects as well for what happens outside of its own promise. */
  async watch<T>(run: () => T | PromiseLike<T>): Promise<T> {
    const broken = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    try {
      const result = run();
      const value = isPromiseLike(result) ? await waitFor(result, broken) : result;
      // A turn more: rejections that nobody handled are told by now, and sockets that were done with are let go.
      await Promise.race([settle(), broken]);
      return value;
    } finally {
      this.#fail = undefined;
      broken.catch(() => {});
    }
  }

  /** Why the process should take no further task; undefined when it may. */
  reasonToRetire(): string | undefined {
    if (this.#broken) return "an error escaped a step";
    if (process.cwd() !== this.#folder) return "a step changed the working folder";
    for (const [type, count] of activeResources()) {
      if (count > (this.#baseline.get(type) ?? 0)) return `a step left a ${type} open`;
    }
    return undefined;
  }
}

/** While a step waits, only what it waits for keeps the process: when that is nothing, `beforeExit` tells. */
async function waitFor<T>(result: PromiseLike<T>, broken: Promise<never>): Promise<T> {
  process.channel?.unref();
  try {
    return await Promise.race([result, broken]);
  } finally {
    process.channel?.ref();
  }
}

/** File operations that a step has begun and not awaited (a logger that writes when it can) get this long to end. */
const FILE_WORK_MS = 100;

async function settle(): Promise<void> {
  await nextTurn();
  const until = Date.now() + FILE_WORK_MS;
  while (process.getActiveResourcesInfo().some((type) => type.startsWith("FSReq")) && Date.now() < until) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (!HARMLESS.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
