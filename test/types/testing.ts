// What `millrace/testing` takes and gives, checked by the compiler: each expectation that is not met fails the type check.
import { FlowSpec, includeFile, parameter, step, type Inputs } from "../../src/index.js";
import { runFlow, runStep, TestClock } from "../../src/testing/index.js";

interface Row {
  readonly id: number;
}

class Score extends FlowSpec {
  alpha = parameter({ default: 0.5 });
  bytes = includeFile({ default: "a.bin", encoding: null });
  rows!: Row[];
  total!: number;
  note?: string;

  @step start() {
    this.next(this.score, { foreach: [this.rows] });
  }
  @step async score(rows: Row[]) {
    this.total = await Promise.resolve(rows.length);
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) {
    this.total = inputs.length;
    this.next(this.end);
  }
  @step end() {}
  helper(): number {
    return 1;
  }
}

export async function wholeFlows(): Promise<void> {
  const run = await runFlow(Score, { parameters: { alpha: 1, bytes: "b.bin" }, clock: new TestClock(), maxWorkers: 2 });
  const total: number = run.artifacts.total;
  const note: string | undefined = run.artifacts.note;
  const rows: readonly Row[] | undefined = run.tasks.score[0]?.changes.rows;
  const next: readonly ("start" | "score" | "join" | "end")[] = run.task("score", 1).next;
  void [total, note, rows, next];
  // @ts-expect-error -- no such parameter
  await runFlow(Score, { parameters: { beta: 1 } });
  // @ts-expect-error -- not a number
  await runFlow(Score, { parameters: { alpha: "1" } });
  // @ts-expect-error -- no such artifact
  void run.artifacts.nothing;
  // @ts-expect-error -- methods are no artifacts
  void run.artifacts.helper;
  // @ts-expect-error -- what every flow has is none either
  void run.artifacts.index;
  // @ts-expect-error -- no such step
  void run.tasks.nothing;
  // @ts-expect-error -- a method that gives something back is no step
  void run.tasks.helper;
  // @ts-expect-error -- no such step
  run.task("scoer");
  const loose = await runFlow("score.ts#Score", { parameters: { anything: 1 } });
  const unknown: unknown = loose.artifacts["total"];
  void unknown;
}

export async function singleSteps(): Promise<void> {
  await runStep(Score, "start");
  await runStep(Score, "end", { artifacts: { total: 1 } });
  const task = await runStep(Score, "score", { input: [{ id: 1 }], artifacts: { total: 1 }, index: 3 });
  const total: number | undefined = task.changes.total;
  void total;
  await runStep(Score, "score", { foreachStack: [{ item: [] }] });
  await runStep(Score, "join", { inputs: [{ total: 1, input: [] }, {}] });
  await runStep(Score, "join", { inputs: { score: { total: 1 } } });
  // @ts-expect-error -- no such step
  await runStep(Score, "scoer");
  // @ts-expect-error -- no step
  await runStep(Score, "helper");
  // @ts-expect-error -- it takes an item
  await runStep(Score, "score");
  // @ts-expect-error -- it takes an item
  await runStep(Score, "score", { artifacts: { total: 1 } });
  // @ts-expect-error -- an item of another type
  await runStep(Score, "score", { input: [{ id: "1" }] });
  // @ts-expect-error -- no such artifact
  await runStep(Score, "score", { input: [], artifacts: { totl: 1 } });
  // @ts-expect-error -- an artifact of another type
  await runStep(Score, "score", { input: [], artifacts: { total: "1" } });
  // @ts-expect-error -- it joins
  await runStep(Score, "join");
  // @ts-expect-error -- a branch has no such artifact
  await runStep(Score, "join", { inputs: [{ totl: 1 }] });
  // @ts-expect-error -- no branch of that name
  await runStep(Score, "join", { inputs: { nothing: {} } });
  // @ts-expect-error -- it joins nothing
  await runStep(Score, "end", { inputs: [] });
  await runStep("score.ts", "score", { input: [1], artifacts: { anything: 1 } });
}
