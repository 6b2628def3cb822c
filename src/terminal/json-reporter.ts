import type { Reporter, RunEvent } from "../core/run-event.js";
import type { TextSink } from "./text-sink.js";

/** One event a line, as JSON. The first is `run-started`: what is said before waits for it. */
export class JsonReporter implements Reporter {
  #started = false;
  #early: RunEvent[] = [];
  readonly #sink: TextSink;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  report(event: RunEvent): void {
    if (this.#started) {
      this.#write(event);
      return;
    }
    if (event.type !== "run-started") {
      this.#early.push(event);
      return;
    }
    this.#started = true;
    this.#write(event);
    this.#writeEarly();
  }

  async close(): Promise<void> {
    this.#writeEarly();
    await this.#sink.flush();
  }

  #writeEarly(): void {
    for (const event of this.#early) this.#write(event);
    this.#early = [];
  }

  #write(event: RunEvent): void {
    this.#sink.write(`${JSON.stringify(event)}\n`);
  }
}
