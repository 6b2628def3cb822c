import { FlowSpec, type Inputs, parameter, step } from "millrace";

/** The trivial wide fan-out: each task takes a number and sets one. */
export default class FanOut extends FlowSpec {
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
    this.joined = inputs.length;
    this.next(this.end);
  }

  @step end() {}
}
