import { FlowSpec, parameter, step, type Inputs } from "millrace";

interface Range {
  readonly from: number;
  /** Not part of the range itself. */
  readonly to: number;
}

/** Counts the primes below a limit, each range of numbers in a task of its own. */
export default class ForeachFlow extends FlowSpec {
  limit = parameter({ type: "int", default: 100_000, help: "Count primes below this" });
  chunkSize = parameter({ type: "int", default: 10_000, help: "Numbers in one task" });

  found!: number;
  total!: number;
  /** Primes in each range, in the order of the ranges. */
  perRange!: number[];

  @step start() {
    const ranges: Range[] = [];
    for (let from = 0; from < this.limit; from += this.chunkSize) {
      ranges.push({ from, to: Math.min(from + this.chunkSize, this.limit) });
    }
    this.next(this.count, { foreach: ranges, label: ({ from, to }) => `${from} to ${to - 1}` });
  }

  @step count({ from, to }: Range) {
    this.found = 0;
    for (let candidate = from; candidate < to; candidate++) {
      if (isPrime(candidate)) this.found++;
    }
    console.log(`range ${this.index}: ${this.found} primes from ${from} to ${to - 1}`);
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.perRange = inputs.map((input) => input.found);
    this.total = this.perRange.reduce((sum, found) => sum + found, 0);
    this.next(this.end);
  }

  @step end() {
    console.log(`${this.total} primes below ${this.limit}`);
  }
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) return false;
  }
  return candidate >= 2;
}
