import { FlowSpec, step, type Inputs } from "millrace";

/** Two steps that do not need each other run at the same time, and meet in a join. */
export default class BranchesFlow extends FlowSpec {
  readings!: number[];
  mean!: number;
  lowest!: number;
  highest!: number;
  comment!: string;
  summary!: string;

  @step start() {
    this.readings = [3, 8, 1, 9, 4];
    this.next(this.average, this.extremes);
  }

  @step average() {
    this.mean = this.readings.reduce((sum, reading) => sum + reading, 0) / this.readings.length;
    this.comment = "by averaging";
    this.next(this.compare);
  }

  @step extremes() {
    this.lowest = Math.min(...this.readings);
    this.highest = Math.max(...this.readings);
    this.comment = "by looking at both ends";
    this.next(this.compare);
  }

  @step compare(inputs: Inputs<this>) {
    // Each branch by its step's name: here they disagree, so the join says what becomes of `comment`.
    this.comment = `${inputs.average.comment} and ${inputs.extremes.comment}`;
    // Everything that the branches agree on, or that only one of them has: readings, mean, lowest, highest.
    this.mergeArtifacts(inputs);
    this.next(this.end);
  }

  @step end() {
    this.summary = `${this.readings.length} readings from ${this.lowest} to ${this.highest}, on average ${this.mean}`;
    console.log(`${this.summary} (found ${this.comment})`);
  }
}
