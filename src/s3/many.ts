import { setMaxListeners } from "node:events";
import { formatBytes, plural } from "../core/quantity-text.js";
import { TransferLine } from "../terminal/transfer-line.js";
import type { ManyOptions, Progress } from "./transfer-types.js";

const AT_ONCE = 32;

/** What work on one of many objects is given. */
export interface OneOfMany {
  /** Ends when the caller gives up, or another one of the many has failed. */
  readonly signal: AbortSignal;
  /** Tells of bytes that have been moved. */
  onBytes(bytes: number): void;
}

/** Works on many objects, so many at once; the results are in the order of the requests. The first failure ends the others. */
export async function workOnMany<T, R>(
  verb: string,
  requests: readonly T[],
  { concurrency = AT_ONCE, signal, progress }: ManyOptions,
  work: (request: T, one: OneOfMany) => Promise<R>,
  { objectsIn = () => 1 }: { readonly objectsIn?: (request: T) => number } = {},
): Promise<R[]> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  // Each request that is under way listens.
  setMaxListeners(0, either);
  using report = new Report(
    verb,
    requests.reduce((sum, request) => sum + objectsIn(request), 0),
    progress,
  );
  const results: R[] = [];
  const queue = requests.entries();
  const worker = async (): Promise<void> => {
    for (const [index, request] of queue) {
      either.throwIfAborted();
      results[index] = await work(request, { signal: either, onBytes: (bytes) => report.add(0, bytes) });
      report.add(objectsIn(request), 0);
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(Math.floor(concurrency), requests.length)) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    failure.abort();
    // What is under way ends before the caller goes on.
    await Promise.allSettled(workers);
    throw error;
  }
  return results;
}

/** Tells how far a transfer has come, to a callback or in a line on the terminal. */
class Report implements Disposable {
  #progress: Progress;
  readonly #tell: ((progress: Progress) => void) | undefined;
  readonly #line: TransferLine | undefined;

  constructor(verb: string, total: number, progress: ManyOptions["progress"]) {
    this.#progress = { done: 0, total, bytes: 0 };
    this.#tell = typeof progress === "function" ? progress : undefined;
    this.#line = progress === true ? new TransferLine(process.stderr, verb) : undefined;
  }

  add(done: number, bytes: number): void {
    this.#progress = { ...this.#progress, done: this.#progress.done + done, bytes: this.#progress.bytes + bytes };
    this.#tell?.(this.#progress);
    this.#line?.show(this.#text());
  }

  #text(): string {
    const { done, total, bytes } = this.#progress;
    return `${done} of ${plural(total, "object")}, ${formatBytes(bytes)}`;
  }

  [Symbol.dispose](): void {
    this.#line?.end(this.#text());
  }
}
