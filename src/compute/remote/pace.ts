import type { Clock } from "../../core/clock.js";
import type { RemoteEngine } from "./engine.js";

/** Where nothing changes, looks are up to this many times further apart than at best. */
const SLOWEST = 10;
/** The share of the time in which nothing has changed that the next look may wait. */
const QUIET_SHARE = 0.05;
/** Requests a second, on average. */
const REQUESTS_PER_SECOND = 1;
/** Requests that may be made at once after a while with few of them, so that a short run does not wait. */
const BURST = 30;

/**
 * When jobs are looked at again: soon after something has happened, more and more seldom while nothing does, and never so
 * often that there is more than a request a second on average.
 */
export class Pace {
  readonly #engine: Pick<RemoteEngine, "pollMs" | "requests">;
  readonly #clock: Clock;
  #quietSince: number;
  /** Requests that may be made now; below 0: what has been made too early. */
  #allowance = BURST;
  #countedAt: number;
  #counted: number;
  #hurry: (() => void) | undefined;
  #ended = false;

  constructor(engine: Pick<RemoteEngine, "pollMs" | "requests">, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#quietSince = this.#countedAt = clock.now();
    this.#counted = engine.requests;
  }

  /** @param changes How many jobs the last look found changed. */
  saw(changes: number): void {
    if (changes > 0) this.#quietSince = this.#clock.now();
  }

  /** Something was done to jobs: its effect is looked for soon. */
  hurry(): void {
    this.#quietSince = this.#clock.now();
    this.#hurry?.();
  }

  /** Resolves when it is time to look. */
  async wait(): Promise<void> {
    const now = this.#clock.now();
    const { pollMs } = this.#engine;
    const earliest = now + Math.max(pollMs, this.#owedMs(now));
    const quietMs = Math.min(pollMs * SLOWEST, (now - this.#quietSince) * QUIET_SHARE);
    await this.#until(Math.max(earliest, now + quietMs));
    // Haste shortens the quiet alone.
    if (!this.#ended && this.#clock.now() < earliest) await this.#until(earliest);
  }

  /** How long it takes until as many requests are allowed as have been made. */
  #owedMs(now: number): number {
    const { requests } = this.#engine;
    const earned = ((now - this.#countedAt) / 1000) * REQUESTS_PER_SECOND;
    this.#allowance = Math.min(BURST, this.#allowance + earned) - (requests - this.#counted);
    this.#countedAt = now;
    this.#counted = requests;
    return (Math.max(0, -this.#allowance) / REQUESTS_PER_SECOND) * 1000;
  }

  /** Nobody looks any more. */
  end(): void {
    this.#ended = true;
    this.#hurry?.();
  }

  #until(time: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#hurry = undefined;
        resolve();
      };
      const cancel = this.#clock.after(Math.max(0, time - this.#clock.now()), end);
      this.#hurry = end;
    });
  }
}
