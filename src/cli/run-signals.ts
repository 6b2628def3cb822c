/** What the user asked of a run from outside. */
export interface RunSignals extends Disposable {
  /** Aborted by the first signal, with its name as the reason: no new tasks, running ones are stopped. */
  readonly stop: AbortSignal;
  /** Aborted by the second: everything ends at once. */
  readonly kill: AbortSignal;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens to Ctrl-C, to polite requests to end, and to the terminal's closing, until it is disposed. */
export function listenToSignals(): RunSignals {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) kill.abort(signal);
    else stop.abort(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
