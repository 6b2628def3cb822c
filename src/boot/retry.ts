/** What came of one try: a value, or what to say if it does not get better. */
export type Try<T> = { readonly value: T } | { readonly again: Error };

const TRIES = 7;
const FIRST_DELAY_MS = 100;

/** Tries again, after 0.1, 0.2, 0.4 … seconds, half of it by chance: some six seconds in all. What `attempt` throws ends it at once. */
export async function persistently<T>(attempt: () => Promise<Try<T>>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const result = await attempt();
    if ("value" in result) return result.value;
    if (tries === TRIES) throw result.again;
    const delay = FIRST_DELAY_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}
