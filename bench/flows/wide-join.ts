import { createHash } from "node:crypto";
import { FlowSpec, type Inputs, parameter, step } from "millrace";

/** Characters of a row. */
const ROW = 64;

interface Row {
  readonly id: number;
  readonly text: string;
}

/** A join that walks inputs which together are far larger than its memory may be. */
export default class WideJoin extends FlowSpec {
  count = parameter({ default: 10_000 });
  kilobytes = parameter({ default: 100 });
  rows = parameter({ default: false, help: "Objects in place of text" });
  data!: string | Row[];
  characters!: number;
  peakMemory!: number;

  @step start() {
    this.next(this.produce, { foreach: Array.from({ length: this.count }, (_, index) => index) });
  }

  @step produce(item: number) {
    const text = createHash("shake256", { outputLength: this.kilobytes * 512 })
      .update(String(item))
      .digest("hex");
    this.data = this.rows ? Array.from({ length: text.length / ROW }, (_, id) => ({ id, text: text.slice(id * ROW, (id + 1) * ROW) })) : text;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.characters = 0;
    for (const { data } of inputs) this.characters += typeof data === "string" ? data.length : data.length * ROW;
    this.peakMemory = process.resourceUsage().maxRSS * 1024;
    this.next(this.end);
  }

  @step end() {
    if (this.characters !== this.count * this.kilobytes * 1024) throw new Error(`${this.characters} characters arrived`);
    console.log(`peak ${this.peakMemory}`);
  }
}
