import { randomBytes } from "node:crypto";
import { FlowSpec, type Inputs, parameter, step } from "millrace";

const MEGABYTE = 1024 * 1024;

/** Each task of a fan-out leaves a megabyte that does not compress; the join reads them all. */
export default class Megabytes extends FlowSpec {
  count = parameter({ default: 200 });
  data!: Uint8Array;
  total!: number;

  @step start() {
    this.next(this.work, { foreach: Array.from({ length: this.count }, (_, index) => index) });
  }

  @step work(_item: number) {
    this.data = randomBytes(MEGABYTE);
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.reduce((sum, input) => sum + input.data.length, 0);
    this.next(this.end);
  }

  @step end() {
    if (this.total !== this.count * MEGABYTE) throw new Error(`${this.total} bytes came back`);
  }
}
