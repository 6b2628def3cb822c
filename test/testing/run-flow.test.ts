import { describe, expect, test, vi } from "vitest";
import { catchError, current, FlowSpec, parameter, retry, step, timeout, type Inputs } from "../../src/index.js";
import { runFlow, TestClock } from "../../src/testing/index.js";

class Score extends FlowSpec {
  factor = parameter({ default: 2 });
  chunks!: number[][];
  scores!: number[];
  total!: number;

  @step start() {
    this.chunks = [[1], [2, 3]];
    this.next(this.score, { foreach: this.chunks, label: (chunk) => `chunk of ${chunk.length}` });
  }

  @step score(chunk: number[]) {
    this.scores = chunk.map((value) => value * this.factor);
    console.log(`scored ${this.scores.length}`);
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.flatMap((input) => input.scores).reduce((sum, score) => sum + score, 0);
    this.next(this.end);
  }

  @step end() {}
}

describe("a whole flow", () => {
  test("runs in memory, with its parameters, and tells what came of it", async () => {
    const run = await runFlow(Score, { parameters: { factor: 10 } });
    expect(run.status).toBe("done");
    expect(run.artifacts).toEqual({ factor: 10, total: 60 });
    expect(run.tasks.score.map(({ id, label, index, changes, stdout }) => ({ id, label, index, changes, stdout }))).toEqual([
      { id: "0", label: "chunk of 1", index: 0, changes: { scores: [10] }, stdout: "scored 1\n" },
      { id: "1", label: "chunk of 2", index: 1, changes: { scores: [20, 30] }, stdout: "scored 2\n" },
    ]);
    expect(run.task("start")).toMatchObject({ next: ["score"], items: [[1], [2, 3]] });
    expect(run.task("score", 1).artifacts).toEqual({ factor: 10, chunks: [[1], [2, 3]], scores: [20, 30] });
    expect(run.task("end")).toMatchObject({ next: [], items: undefined });
    expect(run.failed).toEqual([]);
  });
});

class Broken extends FlowSpec {
  @step start() {
    this.next(this.end);
  }

  @step @retry({ times: 2, delay: "1m" }) end() {
    throw new RangeError(`attempt ${current.retryCount}`);
  }
}

test("retries do not wait", async () => {
  const run = await runFlow(Broken, { onFailure: "return" });
  expect(run.status).toBe("failed");
  expect(run.error).toBeInstanceOf(RangeError);
  expect(run.task("end").attempts.map(({ retryInMs }) => retryInMs)).toEqual([60_000, 120_000, undefined]);
  await expect(runFlow(Broken)).rejects.toThrow("attempt 2");
});

test("timeouts", async () => {
  const clock = new TestClock();
  const download = vi.fn(() => clock.sleep("10m"));
  class Slow extends FlowSpec {
    error: Error | undefined;
    @step @timeout("5m") @catchError({ var: "error" }) async start() {
      await download();
      this.next(this.end);
    }
    @step end() {}
  }
  const run = await runFlow(Slow, { clock });
  expect(run.artifacts.error).toMatchObject({ code: "timeout" });
  expect(run.durationMs).toBe(300_000);
});
