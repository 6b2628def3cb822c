import { writeFileSync } from "node:fs";
import { FlowSpec, type Inputs, parameter, step } from "millrace";

/** Fails after a wide fan-out, once: what is resumed has many finished tasks. */
export default class BreaksLate extends FlowSpec {
  count = parameter({ default: 10_000 });
  doubled!: number;
  joined!: number;

  @step start() {
    this.next(this.work, { foreach: Array.from({ length: this.count }, (_, index) => index) });
  }

  @step work(item: number) {
    this.doubled = item * 2;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    writeFileSync("join-started", String(Date.now()));
    if (process.env["BENCH_BREAK"] === "1") throw new Error("broken on purpose");
    this.joined = inputs.length;
    this.next(this.end);
  }

  @step end() {}
}
