import type { Clock } from "../../core/clock.js";
import type { RemoteEngine } from "./engine.js";

/** Where nothing changes, looks are up to this many times further apart than at best. */
const SLOWEST = 10;
/** The share of the time in which nothing has changed that the next look may wait. */
const QUIET_SHARE = 0.05;

/**
 * When jobs are looked at again: soon after something has happened, more and more seldom while nothing does, and never so
 * often that there is more than a request a second on average.
 */
export class Pace {
  readonly #engine: RemoteEngine;
  readonly #clock: Clock;
  #quietSince: number;
  /** Requests before the last wait. */
  #requests = 0;
  #hurry: (() => void) | undefined;
  #ended = false;

  constructor(engine: RemoteEngine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#quietSince = clock.now();
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
    const { pollMs, requests } = this.#engine;
    const made = requests - this.#requests;
    this.#requests = requests;
    const earliest = now + Math.max(pollMs, made * 1000);
    const quietMs = Math.min(pollMs * SLOWEST, (now - this.#quietSince) * QUIET_SHARE);
    await this.#until(Math.max(earliest, now + quietMs));
    // Haste shortens the quiet alone.
    if (!this.#ended && this.#clock.now() < earliest) await this.#until(earliest);
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
