import { FlowSpec, step } from "millrace";

/** The smallest flow worth running: three steps, one value that they share. */
export default class HelloFlow extends FlowSpec {
  greeting!: string;

  @step start() {
    this.greeting = "Hello from millrace";
    this.next(this.shout);
  }

  @step shout() {
    this.greeting = `${this.greeting.toUpperCase()}!`;
    this.next(this.end);
  }

  @step end() {
    console.log(this.greeting);
  }
}
