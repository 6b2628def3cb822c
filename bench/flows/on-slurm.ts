import { FlowSpec, slurm, step } from "millrace";

/** Says when its code was reached. */
export default class OnSlurm extends FlowSpec {
  @step @slurm start() {
    console.log(`reached ${Date.now()}`);
    this.next(this.again);
  }

  @step @slurm again() {
    console.log(`reached ${Date.now()}`);
    this.next(this.end);
  }

  @step end() {}
}
