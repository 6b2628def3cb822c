import type { Reporter, RunEvent } from "../core/run-event.js";

/** Keeps a run's events, and hands them to any number of readers as they come. */
export class EventLog implements Reporter, AsyncIterable<RunEvent> {
  readonly #events: RunEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #shown: Reporter | undefined;
  #ended = false;

  /** From here on, every event is shown as well. */
  showOn(reporter: Reporter): void {
    this.#shown = reporter;
  }

  /** Those that came so far, in order. */
  get events(): readonly RunEvent[] {
    return this.#events;
  }

  report(event: RunEvent): void {
    this.#events.push(event);
    this.#shown?.report(event);
    this.#wake();
  }

  /** No more events will come. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#wake();
    await this.#shown?.close();
  }

  /** Every event from the first on, until there are no more. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    for (let next = 0; ; next++) {
      while (next >= this.#events.length && !this.#ended) await new Promise<void>((wake) => this.#waiting.add(wake));
      const event = this.#events[next];
      if (event === undefined) return;
      yield event;
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
