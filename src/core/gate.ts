/** Lets so many in at once; the others wait their turn, in order. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who waits takes the place of who leaves.
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}

/** Runs the work for each item, so many at once, and gives the results in the items' order. Fails with the first that fails. */
export async function mapAtOnce<T, R>(items: readonly T[], atOnce: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const gate = new Gate(atOnce);
  return Promise.all(items.map((item, index) => gate.pass(() => work(item, index))));
}
