import { hostname } from "node:os";
import type { Clock } from "../core/clock.js";
import { LAYOUT_VERSION, type RunningTask } from "../core/records.js";
import { LEASE_RENEW_MS, LEASE_VALID_MS } from "../datastore/run-status.js";
import type { RunStore } from "../datastore/run-store.js";

/** Renews a run's lease until it is disposed. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #run: RunStore;
  readonly #clock: Clock;
  readonly #running: () => readonly RunningTask[];
  readonly #onError: (error: unknown) => void;
  #cancel: () => void = () => {};
  #writing: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(options: {
    readonly run: RunStore;
    readonly clock: Clock;
    readonly running: () => readonly RunningTask[];
    readonly onError: (error: unknown) => void;
  }) {
    this.#run = options.run;
    this.#clock = options.clock;
    this.#running = options.running;
    this.#onError = options.onError;
  }

  start(): void {
    this.#cancel = this.#clock.after(LEASE_RENEW_MS, () => {
      this.#writing = this.renew().then(() => {
        if (!this.#ended) this.start();
      });
    });
  }

  async renew(): Promise<void> {
    try {
      await this.#run.writeLease({
        format: LAYOUT_VERSION,
        host: hostname(),
        pid: process.pid,
        renewedAt: this.#clock.now(),
        validMs: LEASE_VALID_MS,
        running: this.#running(),
      });
    } catch (error) {
      this.#onError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#cancel();
    await this.#writing;
  }
}
