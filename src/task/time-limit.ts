import type { Clock } from "../core/clock.js";

/** Raised inside the process when an attempt's time is up. */
export class AttemptTimeout extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super("the attempt's time is up");
    this.timeoutMs = timeoutMs;
  }
}

/**
 * Runs a step's work, without a limit when there is none.
 * @throws AttemptTimeout when it takes longer; the work may go on behind, so the process must not be used again
 */
export async function withTimeLimit<T>(clock: Clock, timeoutMs: number | undefined, run: () => Promise<T>): Promise<T> {
  if (timeoutMs === undefined) return run();
  let cancel = (): void => {};
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(timeoutMs, () => reject(new AttemptTimeout(timeoutMs)));
  });
  try {
    return await Promise.race([run(), limit]);
  } finally {
    cancel();
  }
}
