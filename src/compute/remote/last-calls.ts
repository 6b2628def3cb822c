import type { Clock } from "../../core/clock.js";

/** Calls that somebody waits for before all ends: jobs that are being started, and those that are being ended. */
export class LastCalls {
  readonly #calls = new Set<Promise<unknown>>();

  /** @param call Must not fail. */
  add(call: Promise<unknown>): void {
    const settled = call.finally(() => this.#calls.delete(settled));
    this.#calls.add(settled);
  }

  /** Resolves when all are answered, those that come meanwhile too, or the time is up. */
  async answered(clock: Clock, limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(limitMs, resolve);
      void this.#all().then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #all(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
  }
}
