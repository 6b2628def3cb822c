import type { RunEvent } from "../core/run-event.js";
import { EventLog } from "./event-log.js";

/** What a run at work is driven by. */
export interface Control {
  readonly log: EventLog;
  /** Aborted: no new tasks, running ones are stopped. */
  readonly stop: AbortSignal;
  /** Aborted: everything ends at once. */
  readonly kill: AbortSignal;
}

/**
 * A run at work. Await it for the result; iterate over it for the events, from the first on, as often as you like. It
 * goes on whether or not anybody listens: leaving a `for await` does not stop it, {@link Running.stop} does, and so does
 * disposing of it (`await using`).
 *
 * A flow that fails is a result (`status: "failed"`). It rejects for what keeps a run from starting: bad parameters, a
 * flow that does not load.
 *
 * @example
 * const running = new Runner("score.ts").run({ alpha: 0.5 });
 * for await (const event of running) if (event.type === "task-done") console.log(event.task.pathspec);
 * const { status } = await running;
 */
export class Running<R> implements PromiseLike<R>, AsyncIterable<RunEvent>, AsyncDisposable {
  readonly #log = new EventLog();
  readonly #result: Promise<R>;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();

  /** @internal */
  constructor(signal: AbortSignal | undefined, work: (control: Control) => Promise<R>) {
    this.#result = this.#run(signal, work);
  }

  async #run(signal: AbortSignal | undefined, work: (control: Control) => Promise<R>): Promise<R> {
    const onAbort = (): void => this.stop();
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await work({ log: this.#log, stop: this.#stop.signal, kill: this.#kill.signal });
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this.#log.close();
    }
  }

  /** As Ctrl-C does: starts no new tasks and stops those at work, which get five seconds to clean up. `resume` goes on from there. */
  stop(): void {
    this.#stop.abort("abort");
  }

  /** As Ctrl-C twice: ends everything at once. */
  kill(): void {
    this.stop();
    this.#kill.abort("abort");
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is one: `await` gives the result
  then<A = R, B = never>(
    fulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(fulfilled, rejected);
  }

  /** As a promise's. */
  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.#result.catch(rejected);
  }

  /** As a promise's. */
  finally(settled?: (() => void) | null): Promise<R> {
    return this.#result.finally(settled);
  }

  /** Every event from the first on; throws what the run rejects with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    // Who iterates hears of an error at the end of the events, and need not await the result as well.
    this.#result.catch(() => {});
    yield* this.#log;
    await this.#result;
  }

  /** Ends the run at once if it is still at work, and waits until nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#result.then(
      () => {},
      () => {},
    );
  }
}
