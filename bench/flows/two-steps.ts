import { FlowSpec, step } from "millrace";

export default class TwoSteps extends FlowSpec {
  greeting!: string;

  @step start() {
    this.greeting = "hello";
    this.next(this.end);
  }

  @step end() {
    console.log(this.greeting);
  }
}
