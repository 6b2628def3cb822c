// What the compiler checks of a Runner that is told its flow's class.
import { z } from "zod";
import { FlowSpec, includeFile, parameter, step, type Inputs } from "../../src/index.js";
import { Runner, type ParametersOf, type RunEvent, type StepsOf } from "../../src/launcher/index.js";

/** An error where two types differ. */
type Expect<T extends true> = T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

class Score extends FlowSpec {
  alpha = parameter({ default: 0.5 });
  name = parameter({ default: "x" });
  names = parameter({ type: "string", list: true });
  range = parameter({ schema: z.object({ from: z.number(), days: z.array(z.coerce.date()) }) });
  optional = parameter({ type: "boolean", required: false });
  json = parameter({ type: "json" });
  words = includeFile({ default: "words.txt" });
  bytes = includeFile({ default: "words.bin", encoding: null });
  rows!: readonly number[];

  @step start(): void {
    this.next(this.score, { foreach: this.rows });
  }
  @step score(_row: number): void {
    this.next(this.join);
  }
  @step join(_inputs: Inputs<this>): void {
    this.next(this.end);
  }
  @step end(): void {}
}

const runner = new Runner<typeof Score>("score.ts");

export const runs = [
  runner.run(),
  runner.run({ alpha: 0.5, name: "y", names: ["a"], range: { from: 1, days: ["2026-01-01"] }, optional: true, json: { any: [1] } }),
  runner.run({ words: "other.txt", bytes: "other.bin" }, { tags: ["t"], maxWorkers: 2, signal: AbortSignal.timeout(1000) }),
  runner.resume({ step: "join", originRunId: 12 }),
  runner.spin("score/3", { set: { alpha: 1, input: 3, "score/3.rows": [1] }, code: "recorded" }),
  // @ts-expect-error an artifact of another type
  runner.spin("score/3", { set: { rows: "x" } }),
  // @ts-expect-error there is no such artifact
  runner.spin("score/3", { set: { rwos: [1] } }),
  // @ts-expect-error a number is no text
  runner.run({ alpha: "0.5" }),
  // @ts-expect-error there is no such parameter
  runner.run({ alhpa: 0.5 }),
  // @ts-expect-error steps are no parameters
  runner.run({ start: 1 }),
  // @ts-expect-error what FlowSpec has is no parameter
  runner.run({ index: 1 }),
  // @ts-expect-error the schema's fields are checked
  runner.run({ range: { from: "1", days: [] } }),
  // @ts-expect-error there is no such step
  runner.resume({ step: "jion" }),
  // @ts-expect-error there is no such option
  runner.run({}, { maxworkers: 2 }),
];

export const rows: Promise<readonly number[]> = runner.run().then(({ run }) => run.artifact("rows"));

// A runner that is not told its class takes anything, and the run checks it.
export const untyped = new Runner("score.ts", { datastore: "elsewhere", env: { A: "1" } }).run({ whatever: 1 }, { keepGoing: true });

export async function events(): Promise<readonly RunEvent[]> {
  const seen: RunEvent[] = [];
  for await (const event of untyped) seen.push(event);
  const { status, pathspec } = await untyped;
  status satisfies "done" | "failed" | "interrupted";
  pathspec satisfies string;
  return seen;
}

export type Types = [
  Expect<Same<ParametersOf<typeof Score>["alpha"], number | undefined>>,
  Expect<Same<ParametersOf<typeof Score>["bytes"], string | undefined>>,
  Expect<Same<ParametersOf<typeof Score>["json"], unknown>>,
  Expect<Same<StepsOf<typeof Score>, "start" | "score" | "join" | "end">>,
];
