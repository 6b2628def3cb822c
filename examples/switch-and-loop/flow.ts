import { FlowSpec, parameter, step } from "millrace";

/** A square root by Newton's method: a step that repeats until its result is good enough. */
export default class SwitchAndLoopFlow extends FlowSpec {
  number = parameter({ default: 2, help: "Whose square root is wanted" });
  tolerance = parameter({ default: 1e-9, help: "How far the estimate's square may be off" });
  maxRounds = parameter({ type: "int", default: 20, help: "Give up after so many rounds" });

  estimate!: number;
  rounds!: number;
  outcome!: "found" | "gave up" | "refused";

  /** A switch: the run takes the transition that is called. */
  @step start() {
    if (this.number < 0) {
      this.next(this.refuse);
    } else {
      this.estimate = Math.max(this.number, 1);
      this.rounds = 0;
      this.next(this.refine);
    }
  }

  /** A switch that may name its own step: a loop. */
  @step refine() {
    this.estimate = (this.estimate + this.number / this.estimate) / 2;
    this.rounds++;
    console.log(`round ${this.rounds}: ${this.estimate}`);
    if (Math.abs(this.estimate ** 2 - this.number) <= this.tolerance) this.next(this.accept);
    else if (this.rounds < this.maxRounds) this.next(this.refine);
    else this.next(this.giveUp);
  }

  @step accept() {
    this.outcome = "found";
    this.next(this.end);
  }

  @step giveUp() {
    this.outcome = "gave up";
    this.next(this.end);
  }

  @step refuse() {
    this.outcome = "refused";
    this.next(this.end);
  }

  @step end() {
    console.log(this.outcome === "found" ? `√${this.number} ≈ ${this.estimate}, after ${this.rounds} rounds` : this.outcome);
  }
}
