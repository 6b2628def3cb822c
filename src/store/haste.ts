/** What an answer may take when there is no time, milliseconds; and where the one before it has not come. */
const HURRIED_MS = 5_000;
const SILENT_MS = 1_000;

/** Waits for answers as long as it takes, until there is no time any more. */
export class Haste {
  readonly #waiting = new Set<() => void>();
  #isHurried = false;
  /** The last answer that was waited for in a hurry has not come. */
  #isSilent = false;

  /** From here on, what does not come soon is not waited for, what is waited for now included. */
  hurry(): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    for (const limit of this.#waiting) limit();
  }

  /**
   * The answer, if it comes in time.
   * @param late What is thrown when it does not; it is given the seconds that were waited since there was no time.
   */
  async wait<T>(answer: Promise<T>, late: (seconds: number) => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    let limit = (): void => {};
    const limited = new Promise<T>((resolve, reject) => {
      limit = () => {
        const limitMs = this.#isSilent ? SILENT_MS : HURRIED_MS;
        timer = setTimeout(() => {
          this.#isSilent = true;
          reject(late(limitMs / 1_000));
        }, limitMs);
      };
      answer.then(resolve, reject);
    });
    this.#waiting.add(limit);
    if (this.#isHurried) limit();
    try {
      const value = await limited;
      this.#isSilent = false;
      return value;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(limit);
    }
  }
}
