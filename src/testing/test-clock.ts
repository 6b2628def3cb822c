import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../core/clock.js";
import { parseDuration } from "../core/duration.js";
import { MillraceError } from "../core/errors/millrace-error.js";

// As it is when this is loaded: a test may put fake timers in its place later.
const nextTurn = setImmediate;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** An attempt at work. */
interface Worker {
  /** Its sleeps that are not over; each can be called off. */
  readonly sleeps: Set<() => void>;
}

/**
 * The time of a test's runs: waits of `@retry` and limits of `@timeout` are measured by it. It stands still while steps
 * work, and jumps to what comes next as soon as nothing but waiting is left to do, so that no test has to wait.
 *
 * A step passes time by what it calls: a stand-in for a slow download is `() => clock.sleep("10m")`.
 */
export class TestClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();
  readonly #workers = new Set<Worker>();
  readonly #worker = new AsyncLocalStorage<Worker>();
  #jumpPlanned = false;

  /** @param startsAt Where it stands at first; default: the time of day. */
  constructor(startsAt: Date = new Date()) {
    this.#now = startsAt.getTime();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now;
  }

  /** Calls back once after a while; the answer calls it off. */
  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    this.#planJump();
    return () => this.#timers.delete(timer);
  }

  /**
   * Lets time pass at once: `clock.advance("5m")`. What comes due meanwhile (a time limit, a retry) happens in its order.
   * @throws MillraceError `bad-duration`
   */
  advance(duration: string): void {
    this.#advanceTo(this.#now + milliseconds(duration));
  }

  /**
   * Takes a while of the clock's time. In a step the clock goes on when every step at work sleeps, so sleeps of steps
   * that run side by side overlap; elsewhere the time has passed when it resolves.
   * @throws MillraceError `bad-duration`
   */
  async sleep(duration: string): Promise<void> {
    const delayMs = milliseconds(duration);
    const worker = this.#worker.getStore();
    if (worker === undefined) {
      this.#advanceTo(this.#now + delayMs);
      return;
    }
    await new Promise<void>((resolve) => {
      // What an attempt has left behind (its time was up) sleeps for good.
      if (!this.#workers.has(worker)) return;
      const cancel = this.after(delayMs, () => {
        worker.sleeps.delete(cancel);
        resolve();
      });
      worker.sleeps.add(cancel);
      this.#planJump();
    });
  }

  /** Does an attempt's work: the clock stands still until it is done or sleeps. @internal */
  async work<T>(run: () => Promise<T>): Promise<T> {
    const worker: Worker = { sleeps: new Set() };
    this.#workers.add(worker);
    try {
      return await this.#worker.run(worker, run);
    } finally {
      this.#workers.delete(worker);
      for (const cancel of worker.sleeps) cancel();
      this.#planJump();
    }
  }

  /** A turn later, so that what is about to begin has begun. */
  #planJump(): void {
    if (this.#jumpPlanned || this.#timers.size === 0 || !this.#isIdle()) return;
    this.#jumpPlanned = true;
    nextTurn(() => {
      this.#jumpPlanned = false;
      const next = this.#nextTimer();
      if (next === undefined || !this.#isIdle()) return;
      this.#advanceTo(next.at);
      this.#planJump();
    });
  }

  #isIdle(): boolean {
    return [...this.#workers].every(({ sleeps }) => sleeps.size > 0);
  }

  #advanceTo(time: number): void {
    for (let next = this.#nextTimer(); next !== undefined && next.at <= time; next = this.#nextTimer()) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = Math.max(this.#now, time);
  }

  #nextTimer(): Timer | undefined {
    let soonest: Timer | undefined;
    for (const timer of this.#timers) if (soonest === undefined || timer.at < soonest.at) soonest = timer;
    return soonest;
  }
}

function milliseconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) throw new MillraceError("bad-duration", { duration });
  return parsed;
}
