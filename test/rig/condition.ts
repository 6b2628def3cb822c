import { setTimeout as sleep } from "node:timers/promises";

/** How long the rig waits for something that must happen, milliseconds. Long, because a loaded machine is no failure. */
export const PATIENCE_MS = 55_000;

/**
 * Waits until the condition holds, looking again every few milliseconds, for states that nothing announces (a process
 * that is gone, a file that is there).
 * @throws when it does not hold within {@link PATIENCE_MS}, with what `describe` says of the state by then.
 */
export async function until(what: string, condition: () => boolean | Promise<boolean>, describe: () => string = () => ""): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain: ${what} ${describe()}`);
    await sleep(10);
  }
}

/** The promise's value, or an error that says what did not come. */
export async function inTime<T>(what: string, promise: Promise<T>, describe: () => string = () => "", patienceMs = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patienceMs / 1000} s in vain: ${what} ${describe()}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
