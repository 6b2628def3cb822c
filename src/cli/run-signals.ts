import { exitCodes } from "./command.js";

/** What the user asked of a run from outside. */
export interface RunSignals extends Disposable {
  /** Aborted by the first signal, with its name as the reason: no new tasks, running ones are stopped. */
  readonly stop: AbortSignal;
  /** Aborted by the second: everything ends at once. */
  readonly kill: AbortSignal;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal this long after the first is a wish of its own, milliseconds: npm passes on what the terminal has sent to all already. */
const ECHO_MS = 1_000;

/**
 * Listens to Ctrl-C, to polite requests to end, and to the terminal's closing, until it is disposed. What comes after that, when there was
 * one before, does not cut off what is said at the end, unless that takes long.
 */
export function listenToSignals(): RunSignals {
  const stop = new AbortController();
  const kill = new AbortController();
  let stoppedAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) kill.abort(signal);
    else {
      stoppedAt = performance.now();
      stop.abort(signal);
    }
  };
  const onLateSignal = (): void => {
    if (performance.now() - stoppedAt > ECHO_MS) process.exit(exitCodes.interrupted);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) {
        process.off(signal, onSignal);
        if (stop.signal.aborted) process.on(signal, onLateSignal);
      }
    },
  };
}
