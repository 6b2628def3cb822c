import { batch, FlowSpec, step } from "millrace";

export default class OneJob extends FlowSpec {
  @step @batch start() {
    console.log(`user code at ${performance.timeOrigin + performance.now()}`);
    this.next(this.end);
  }

  @step end() {}
}
