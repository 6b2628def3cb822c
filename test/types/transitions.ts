// What `this.next` takes and refuses, checked by the compiler: each expectation that is not met fails the type check.
import { FlowSpec, step, type Inputs } from "../../src/index.js";

interface Row {
  id: number;
  text: string;
}

export class Transitions extends FlowSpec {
  rows!: Row[];
  chunks!: Row[][];
  byName!: Map<string, number>;
  words!: Set<string>;
  text!: string;
  total!: number;

  @step async start() {
    this.rows = await Promise.resolve([]);
    this.next(this.end);
    this.next(this.left, this.right);
    this.next(this.left, this.right, this.asynchronous);
    this.next(this.join);
    this.next(this.text === "" ? this.left : this.right);

    this.next(this.chunk, { foreach: this.chunks });
    this.next(this.chunk, { foreach: this.chunks, label: (chunk) => `${chunk.length} rows`, concurrency: 4, allowEmpty: true });
    this.next(this.entry, { foreach: this.byName });
    this.next(this.word, { foreach: this.words });
    this.next(this.word, { foreach: this.byName.keys() });
    this.next(this.left, { foreach: this.words });
    this.next(this.number, { foreach: this.numbers() });
    this.next(this.number, { foreach: this.pages() });
    this.next(this.number, { foreach: new Uint8Array(3) });
    this.next(this.number, { foreach: [1, 2, 3] as const });
    this.next(this.number, { foreach: [] });
    this.next(this.either, { foreach: [1, "two"] });
    this.next(this.either, { foreach: [1] });
    this.next(this.unknown, { foreach: this.rows });
    this.next(this.row, { foreach: this.rows.map((row) => ({ ...row, more: true })) });

    // @ts-expect-error -- there is no such step
    this.next(this.nothere);
    // @ts-expect-error -- it names no step
    this.next();
    // @ts-expect-error -- it takes an item
    this.next(this.chunk);
    // @ts-expect-error -- it takes an item
    this.next(this.left, this.chunk);
    // @ts-expect-error -- a branch does not go straight into a join
    this.next(this.left, this.join);
    // @ts-expect-error -- a step is named, not called
    this.next(this.left());
    // @ts-expect-error -- steps are named as this.step, not by text
    this.next("left");
    // @ts-expect-error -- its items are chunks, not words
    this.next(this.word, { foreach: this.chunks });
    // @ts-expect-error -- its items are rows, not chunks
    this.next(this.chunk, { foreach: this.rows });
    // @ts-expect-error -- its items may be texts
    this.next(this.number, { foreach: [1, "two"] });
    // @ts-expect-error -- its entries are pairs
    this.next(this.word, { foreach: this.byName });
    // @ts-expect-error -- letters are hardly ever meant
    this.next(this.word, { foreach: "abc" });
    // @ts-expect-error -- letters are hardly ever meant
    this.next(this.word, { foreach: this.text });
    // @ts-expect-error -- letters are hardly ever meant
    this.next(this.left, { foreach: this.text });
    // @ts-expect-error -- a number has no items
    this.next(this.left, { foreach: 3 });
    // @ts-expect-error -- a plain object has no items
    this.next(this.left, { foreach: { a: 1 } });
    // @ts-expect-error -- a promise is awaited first
    this.next(this.number, { foreach: Promise.resolve([1]) });
    // @ts-expect-error -- a foreach goes to one step
    this.next(this.left, this.right, { foreach: this.words });
    // @ts-expect-error -- a join takes inputs, not an item
    this.next(this.join, { foreach: this.chunks });
    // @ts-expect-error -- a join takes inputs, not an item
    this.next(this.join, { foreach: this.words });
    // @ts-expect-error -- the option is called label
    this.next(this.word, { foreach: this.words, lable: (word: string) => word });
    // @ts-expect-error -- a label is a text
    this.next(this.word, { foreach: this.words, label: (word) => word.length });
    // @ts-expect-error -- the label is of the item
    this.next(this.word, { foreach: this.words, label: (word: number) => String(word) });
    // @ts-expect-error -- the options are of a foreach
    this.next(this.left, { concurrency: 4 });
  }

  *numbers(): Generator<number> {
    yield 1;
  }

  async *pages(): AsyncGenerator<number> {
    yield 1;
  }

  @step left() {
    this.next(this.join);
  }
  @step right() {
    this.next(this.join);
  }
  @step async asynchronous(): Promise<void> {
    this.next(this.join);
    return Promise.resolve();
  }
  @step chunk(rows: Row[]) {
    this.rows = rows;
    this.next(this.join);
  }
  @step entry([name, count]: [string, number]) {
    this.byName.set(name, count);
    this.next(this.join);
  }
  @step word(word: string) {
    this.words.add(word);
    this.next(this.join);
  }
  @step number(item: number) {
    this.total = item;
    this.next(this.join);
  }
  @step either(item: number | string) {
    this.text = String(item);
    this.next(this.join);
  }
  @step unknown(item: unknown) {
    this.text = String(item);
    this.next(this.join);
  }
  @step row(row: Row) {
    this.rows = [row];
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.length;
    this.next(this.left, this.right);
    this.next(this.chunk, { foreach: this.chunks });
    this.next(this.end);
  }

  @step end(inputs: Inputs<this>) {
    this.total = inputs.length;
  }

  members() {
    const stack = this.foreachStack();
    const from: string | undefined = stack[0]?.step;
    const count: number | undefined = stack[0]?.count;
    const index: number | undefined = this.index;
    const item: unknown = this.input;
    // @ts-expect-error -- what the item is, only the step's parameter can say
    const row: Row = this.input;
    // @ts-expect-error -- it is given, not set
    this.index = 1;
    return { from, count, index, item, row };
  }
}

/** A base flow leaves the item's type, and a step, to its subclasses. */
export abstract class Base<T> extends FlowSpec {
  items!: T[];
  results!: T[];
  abstract load(): Promise<T[]>;
  abstract work(item: T): void;

  @step async start() {
    this.items = await this.load();
    this.next(this.work, { foreach: this.items });
  }
  @step join(inputs: Inputs<this>) {
    this.results = inputs.flatMap((input) => input.results);
    this.next(this.end);
  }
  @step end() {
    console.log(this.results);
  }
}

export class Words extends Base<string> {
  longest!: number;
  async load() {
    return Promise.resolve(["a"]);
  }
  @step work(item: string) {
    this.longest = item.length;
    this.next(this.join);
    // @ts-expect-error -- the items of this subclass are texts
    this.next(this.work, { foreach: [1] });
  }
  @step override join(inputs: Inputs<this>) {
    this.longest = Math.max(...inputs.map((input) => input.longest));
    super.join(inputs);
  }
}

/** The flow's own name works in place of `this`. */
export class Named extends FlowSpec {
  score!: number;
  @step start() {
    this.next(this.a, this.b);
  }
  @step a() {
    this.next(this.join);
  }
  @step b() {
    this.next(this.join);
  }
  @step join(inputs: Inputs<Named>) {
    this.score = inputs.a.score + inputs.b.score;
    this.mergeArtifacts(inputs, { include: ["score"] });
    this.next(this.end);
  }
  @step end() {
    console.log(this.score);
  }
}
