// What a join may do with its inputs.
import { FlowSpec, step, type Inputs } from "../../src/index.js";

export class Joins extends FlowSpec {
  total!: number;
  scores!: number[];

  @step start() {
    this.next(this.left, this.right);
  }
  @step left() {
    this.next(this.join);
  }
  @step right() {
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.flatMap((input) => input.scores).reduce((sum, score) => sum + score, 0);
    for (const input of inputs) this.scores = input.scores;
    const first: number | undefined = inputs[0]?.total;
    const named: number = inputs.left.total;
    const index: number | undefined = inputs.left.index;
    const item: unknown = inputs[0]?.input;
    const best = inputs.toSorted((a, b) => b.total - a.total).at(0);
    const { left, right } = inputs;
    this.total = left.total + right.total + (best?.total ?? 0) + named + (first ?? 0) + (index ?? 0) + Number(item);

    // @ts-expect-error -- a branch is read, not written
    inputs.left.total = 3;
    // @ts-expect-error -- a branch is read, not written
    for (const input of inputs) input.total = 3;
    // @ts-expect-error -- the inputs are the run's
    inputs.push(left);
    // @ts-expect-error -- there is no such artifact
    this.total = inputs.left.totals;
    // @ts-expect-error -- there is no such step
    this.total = inputs.middle.total;
    // @ts-expect-error -- a branch is done
    inputs.left.next(this.end);

    this.mergeArtifacts(inputs);
    this.mergeArtifacts(inputs, {});
    this.mergeArtifacts(inputs, { include: ["total"] });
    this.mergeArtifacts(inputs, { exclude: ["total", "scores"] });
    // @ts-expect-error -- there is no such artifact
    this.mergeArtifacts(inputs, { include: ["totals"] });
    // @ts-expect-error -- there is no such artifact
    this.mergeArtifacts(inputs, { exclude: ["totals"] });
    // @ts-expect-error -- one of the two
    this.mergeArtifacts(inputs, { include: ["total"], exclude: ["scores"] });
    // @ts-expect-error -- a part of the inputs is not the join's inputs
    this.mergeArtifacts(inputs.slice(1));
    this.next(this.end);
  }

  @step end() {
    console.log(this.total);
  }
}
