/** How often it is looked whether the guardian lives, milliseconds: sooner than a scheduler hears of its end. */
const LOOK_MS = 250;

/**
 * Calls back once the process that answers for the job is gone. It is this process's parent, and no other process becomes that but
 * the one that takes orphans.
 * @param guardian Its id, as the environment has it; absent: there is none.
 */
export function watchGuardian(guardian: string | undefined, gone: () => void): void {
  if (guardian === undefined || Number(guardian) !== process.ppid) return;
  const timer = setInterval(() => {
    if (process.ppid === Number(guardian)) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
}
