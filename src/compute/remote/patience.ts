import type { Clock } from "../../core/clock.js";
import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Failures in a row that nobody needs to hear of. */
const SILENT_FAILURES = 2;

interface Trouble {
  /** In a row. */
  readonly failures: number;
  readonly isTold: boolean;
}

export interface PatienceOptions {
  readonly clock: Clock;
  /** Hears when something cannot be reached, and when it can again. */
  readonly tell: (level: "info" | "warning", text: string) => void;
}

/** Tries what may fail for a while (a network that is down) until it works, longer and longer apart, and says so once. */
export class Patience {
  readonly #options: PatienceOptions;
  /** By what it is that fails: the datastore may answer while the engine does not. */
  readonly #troubles = new Map<string, Trouble>();
  /** Cut the waits at hand short. */
  readonly #waits = new Set<() => void>();

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /**
   * Does something until it does not throw.
   * @param what For people: `AWS Batch`.
   * @param givesUp Asked after each failure: true ends it, with what was thrown.
   * @throws what is thrown for good: a MillraceError that `isPassing` does not know
   */
  async until<T>(what: string, work: () => Promise<T>, { givesUp, isPassing = isNoError }: PatienceLimits): Promise<T> {
    for (;;) {
      try {
        const value = await work();
        this.#worked(what);
        return value;
      } catch (error) {
        if (givesUp() || !isPassing(error)) throw error;
        await this.#wait(this.#failed(what, error));
      }
    }
  }

  #worked(what: string): void {
    const trouble = this.#troubles.get(what);
    this.#troubles.delete(what);
    if (trouble?.isTold === true) this.#options.tell("info", `${what} answers again.`);
  }

  /** Answers how often it has failed in a row. */
  #failed(what: string, error: unknown): number {
    const before = this.#troubles.get(what);
    const failures = (before?.failures ?? 0) + 1;
    const isTold = before?.isTold ?? false;
    this.#troubles.set(what, { failures, isTold: isTold || failures > SILENT_FAILURES });
    if (!isTold && failures > SILENT_FAILURES) this.#tell(what, error);
    return failures;
  }

  #tell(what: string, error: unknown): void {
    this.#options.tell("warning", `${what} does not answer (${messageOf(error)}). What was started there goes on; this run waits until it answers.`);
  }

  #wait(failures: number): Promise<void> {
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.#options.clock.after(waitMs, end);
      this.#waits.add(end);
    });
  }

  /** Whoever waits tries again at once, or gives up. */
  hurry(): void {
    for (const end of this.#waits) end();
  }
}

export interface PatienceLimits {
  readonly givesUp: () => boolean;
  /** Whether trying again can help; default: for everything but a MillraceError. */
  readonly isPassing?: (error: unknown) => boolean;
}

const isNoError = (error: unknown): boolean => !isMillraceError(error);
