import { hostname } from "node:os";
import type { Clock } from "../core/clock.js";
import { LAYOUT_VERSION, type RunningTask } from "../core/records.js";
import { LEASE_RENEW_MS, LEASE_VALID_MS } from "../datastore/run-status.js";
import type { RunStore } from "../datastore/run-store.js";

/** How often the tasks at work are looked at: who reads a run beside it hears of them no later. */
const LOOK_MS = 1_000;

/** Renews a run's lease until it is disposed: when its tasks at work have changed, and every now and then. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #run: RunStore;
  readonly #clock: Clock;
  readonly #running: () => readonly RunningTask[];
  readonly #onError: (error: unknown) => void;
  #cancel: () => void = () => {};
  #writing: Promise<void> = Promise.resolve();
  #ended = false;
  /** What the lease says. */
  #told = "";
  #renewedAt = 0;

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
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.#writing = this.#look().then(() => {
        if (!this.#ended) this.start();
      });
    });
  }

  async #look(): Promise<void> {
    const running = this.#running();
    const told = running.map(({ step, task, attempt, output }) => `${step}/${task} ${attempt}${output === undefined ? "" : "+"}`).join();
    if (told === this.#told && this.#clock.now() - this.#renewedAt < LEASE_RENEW_MS) return;
    this.#told = told;
    this.#renewedAt = this.#clock.now();
    try {
      await this.#run.writeLease({
        format: LAYOUT_VERSION,
        host: hostname(),
        pid: process.pid,
        renewedAt: this.#clock.now(),
        validMs: LEASE_VALID_MS,
        running,
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
