import { FlowSpec, includeFile, parameter, step } from "millrace";
import { z } from "zod";

/** Summarises a file of numbers, as its parameters say. */
export default class ParametersFlow extends FlowSpec {
  // The type follows from the default: a number, a text, a flag.
  scale = parameter({ default: 1, help: "Every measurement is multiplied by this" });
  unit = parameter({ default: "mm", help: "Written after the result" });
  verbose = parameter({ default: false, help: "Print every measurement" });

  // A type says more than a default can: a list of numbers, given as --ignore 9.5,21
  ignore = parameter({ type: "number", list: true, default: [], help: "Measurements to leave out" });

  // A schema (zod here; anything that speaks Standard Schema works) says exactly what is allowed.
  statistic = parameter({ schema: z.enum(["mean", "median", "max"]), default: "mean", help: "mean, median or max" });

  // A function is evaluated once, when the run starts: every step sees the same value.
  title = parameter({ default: () => `Measured ${new Date().toISOString().slice(0, 10)}`, help: "Heading of the result" });

  // The file's content is stored with the run: a resumed run reads what the first one read.
  measurements = includeFile({ default: "measurements.txt", help: "One number a line" });

  values!: number[];
  result!: number;

  @step start() {
    this.values = this.measurements
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(Number)
      .filter((value) => !this.ignore.includes(value))
      .map((value) => value * this.scale);
    if (this.verbose) console.log(this.values.join(" "));
    this.next(this.summarise);
  }

  @step summarise() {
    this.result = statistics[this.statistic](this.values);
    this.next(this.end);
  }

  @step end() {
    console.log(`${this.title}: ${this.statistic} ${this.result} ${this.unit}`);
  }
}

const statistics = {
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  median: (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN,
  max: (values: readonly number[]) => Math.max(...values),
};
