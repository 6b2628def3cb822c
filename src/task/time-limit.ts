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
export async function withTimeLimit<T>(timeoutMs: number | undefined, run: () => Promise<T>): Promise<T> {
  if (timeoutMs === undefined) return run();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AttemptTimeout(timeoutMs)), timeoutMs);
    // A step that waits for nothing at all is found out sooner than its time is up.
    timer.unref();
  });
  try {
    return await Promise.race([run(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
