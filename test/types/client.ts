// What the compiler knows of results when it knows the flow.
import { FlowSpec, parameter, step, type Inputs } from "../../src/index.js";
import { Flow, Run, Step, Task, flows, runs } from "../../src/client/index.js";

interface Row {
  readonly id: number;
}

class Score extends FlowSpec {
  alpha = parameter({ default: 0.5 });
  names = parameter({ type: "string", list: true });
  scores!: number[];
  rows!: Map<string, Row>;
  total!: number;

  @step start() {
    this.next(this.score, { foreach: [1, 2] });
  }
  @step score(n: number) {
    this.scores = [n];
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) {
    this.total = inputs.length;
    this.next(this.end);
  }
  @step async end() {}

  mean(): number {
    return this.total / this.scores.length;
  }
}

export async function known(): Promise<void> {
  const run = await Flow(Score).latestRun();
  const total: number = await run.artifact("total");
  const alpha: number = run.parameters.alpha;
  const names: readonly string[] = run.parameters.names;
  const rows: Map<string, Row> = await (await run.step("end").task()).artifact("rows");
  for await (const task of run.step("score").tasks({ status: ["done", "failed"] })) {
    const scores: number[] = await task.artifact("scores");
    console.log(scores, task.index, await task.item<number>());
  }
  for await (const scores of run.step("score").artifact("scores")) console.log(scores.length);
  for await (const [task, scores] of run.step("score").artifact("scores").entries()) console.log(task.label, scores.length);
  console.log(
    total,
    alpha,
    names,
    rows,
    await Flow(Score)
      .runs({ parameter: { alpha: 1 }, tag: "a", limit: 3 })
      .toArray(),
  );

  // @ts-expect-error -- there is no such artifact
  await run.artifact("totals");
  // @ts-expect-error -- a number
  const text: string = await run.artifact("total");
  // @ts-expect-error -- a method is no artifact
  await run.artifact("mean");
  // @ts-expect-error -- a member of every flow is no artifact
  await run.artifact("index");
  // @ts-expect-error -- there is no such step
  run.step("scores");
  // @ts-expect-error -- a method that returns something is no step
  run.step("mean");
  // @ts-expect-error -- there is no such parameter
  console.log(run.parameters.beta);
  // @ts-expect-error -- what a run was given stays
  run.parameters.alpha = 2;
  // @ts-expect-error -- a number
  Flow(Score).runs({ parameter: { alpha: "1" } });
  // @ts-expect-error -- no such status
  Flow(Score).runs({ status: "ready" });
  // @ts-expect-error -- the latest successful run is done
  await Flow(Score).latestSuccessfulRun({ status: "failed" });
  // @ts-expect-error -- no flow
  Flow(Map);
  console.log(text);
}

/** Where the class cannot be imported, its type does. */
export async function byType(): Promise<void> {
  const one: number = await (await Flow<Score>("Score").latestRun()).artifact("total");
  const two: number = await (await Run<typeof Score>("Score/1")).artifact("total");
  const three: number[] = await (await Task<Score>("Score/1/score/0")).artifact("scores");
  const four: number = await (await Run<{ total: number }>("Score/1")).artifact("total");
  const step = await Step<Score>("Score/1/score");
  console.log(one, two, three, four, await step.artifact("scores").toArray());
  // @ts-expect-error -- there is no such artifact
  await (await Run<Score>("Score/1")).artifact("totals");
  // @ts-expect-error -- there is no such artifact
  await (await Run<{ total: number }>("Score/1")).artifact("totals");
}

/** Nothing is known: any name, and a value to be looked at. */
export async function unknownFlow(): Promise<void> {
  const run = await Flow("Score").latestRun();
  const value: unknown = await run.artifact("anything");
  console.log(value, run.parameters["alpha"], run.step("any").name);
  // @ts-expect-error -- what it is nobody knows
  const total: number = await run.artifact("total");
  for await (const flow of flows()) console.log(flow.name, total);
  for await (const other of runs({ since: "7d", parameter: { alpha: 1 } })) console.log(other.pathspec);
}
