/** One code of the registry: what it says and what to do next. */
export interface ErrorEntry<P extends object> {
  /** When it happens, for the table in docs/errors.md. */
  readonly when: string;
  message(parameters: P): string;
  hint(parameters: P): string;
  /** Wrong usage, said before anything starts (exit code 2). */
  readonly usage?: true;
}

/** Keeps an entry's parameter type. */
export function entry<P extends object>(value: ErrorEntry<P>): ErrorEntry<P> {
  return value;
}
