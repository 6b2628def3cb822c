import { createHash } from "node:crypto";
import { FlowSpec, type Inputs, parameter, step } from "millrace";

/** A join that walks inputs which together are far larger than its memory may be. */
export default class WideJoin extends FlowSpec {
  count = parameter({ default: 10_000 });
  kilobytes = parameter({ default: 100 });
  data!: string;
  characters!: number;
  peakMemory!: number;

  @step start() {
    this.next(this.produce, { foreach: Array.from({ length: this.count }, (_, index) => index) });
  }

  @step produce(item: number) {
    this.data = createHash("shake256", { outputLength: this.kilobytes * 512 })
      .update(String(item))
      .digest("hex");
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.characters = 0;
    for (const input of inputs) this.characters += input.data.length;
    this.peakMemory = process.resourceUsage().maxRSS * 1024;
    this.next(this.end);
  }

  @step end() {
    if (this.characters !== this.count * this.kilobytes * 1024) throw new Error(`${this.characters} characters arrived`);
    console.log(`peak ${this.peakMemory}`);
  }
}
