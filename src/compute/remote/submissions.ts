import type { Clock } from "../../core/clock.js";
import type { RemoteAttempt } from "./remote-attempt.js";

/** How long attempts wait for others that may go out with them, milliseconds. */
const GATHER_MS = 100;

/** Gathers the attempts that become ready at about the same time, so that those of a step go out as one array. */
export class Submissions {
  readonly #clock: Clock;
  readonly #largest: number;
  readonly #send: (attempts: readonly RemoteAttempt[]) => void;
  readonly #gathered: RemoteAttempt[] = [];
  #cancel: (() => void) | undefined;

  /** @param send Gets attempts of one step, at most `largest`. */
  constructor(clock: Clock, largest: number, send: (attempts: readonly RemoteAttempt[]) => void) {
    this.#clock = clock;
    this.#largest = largest;
    this.#send = send;
  }

  add(attempt: RemoteAttempt): void {
    this.#gathered.push(attempt);
    this.#cancel ??= this.#clock.after(GATHER_MS, () => this.#sendAll());
  }

  /** Those that have not gone out stay. */
  takeBack(): readonly RemoteAttempt[] {
    this.#cancel?.();
    this.#cancel = undefined;
    return this.#gathered.splice(0);
  }

  #sendAll(): void {
    const byStep = new Map<string, RemoteAttempt[]>();
    for (const attempt of this.takeBack()) {
      const { step } = attempt.spec;
      const others = byStep.get(step);
      if (others === undefined) byStep.set(step, [attempt]);
      else others.push(attempt);
    }
    for (const attempts of byStep.values()) {
      for (let start = 0; start < attempts.length; start += this.#largest) this.#send(attempts.slice(start, start + this.#largest));
    }
  }
}
