import { MillraceError } from "../core/errors/millrace-error.js";

/** What a list does about what it cannot read. */
export interface DamageOptions {
  /**
   * Hears of each run, task or artifact that cannot be read; the list then goes on without it. Without this, the list
   * goes on too, and throws `list-incomplete` at its end.
   */
  readonly onDamaged?: (error: Error) => void;
}

/**
 * Gathers what a list could not read, so that one damaged record neither ends a loop over a thousand others nor goes
 * unnoticed.
 */
export class Damages {
  readonly #what: string;
  readonly #onDamaged: DamageOptions["onDamaged"];
  readonly #errors: Error[] = [];

  /** @param what The list's name for messages: `runs of Score`. */
  constructor(what: string, { onDamaged }: DamageOptions) {
    this.#what = what;
    this.#onDamaged = onDamaged;
  }

  add(error: Error): void {
    if (this.#onDamaged === undefined) this.#errors.push(error);
    else this.#onDamaged(error);
  }

  /** At the list's end. @throws MillraceError `list-incomplete` when nobody has heard of some damage yet */
  check(): void {
    const error = this.#take();
    if (error !== undefined) throw error;
  }

  /** When a loop was left before the list's end: an error is out of place then, silence is too. */
  warn(): void {
    const error = this.#take();
    if (error !== undefined) process.emitWarning(error.message, { type: "MillraceWarning", code: error.code, detail: error.hint });
  }

  #take(): MillraceError<"list-incomplete"> | undefined {
    const errors = this.#errors.splice(0);
    const [first] = errors;
    if (first === undefined) return undefined;
    const cause = errors.length === 1 ? first : new AggregateError(errors, `${errors.length} of the ${this.#what} cannot be read`);
    return new MillraceError("list-incomplete", { what: this.#what, count: errors.length, first: first.message }, { cause });
  }
}
