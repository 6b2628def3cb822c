import { describe, expect, test } from "vitest";
import { catchError, current, FlowSpec, parameter, retry, step, timeout, type Inputs } from "../../src/index.js";
import { runStep, TestClock } from "../../src/testing/index.js";

interface Row {
  readonly id: number;
}

class Score extends FlowSpec {
  alpha = parameter({ default: 2 });
  seed = 7;
  rows!: Row[];
  scores!: number[];
  total!: number;
  place!: unknown;
  error: Error | undefined;

  @step start() {
    this.rows = [{ id: 1 }];
    this.next(this.score, { foreach: [this.rows, []], label: (rows) => `${rows.length} rows` });
  }

  @step @retry @catchError({ var: "error" }) @timeout("1m") score(rows: Row[]): void | Promise<void> {
    if (rows.length > 3) throw new RangeError(`${rows.length} rows`);
    this.scores = rows.map(({ id }) => id * this.alpha + this.seed);
    this.next(this.check);
  }

  @step check() {
    this.place = [this.input, this.index, this.foreachStack(), current.pathspec, current.retryCount, current.parameters];
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.flatMap((input) => input.scores).reduce((sum, score) => sum + score, 0);
    this.place = inputs.map(({ input, index }) => [input, index]);
    this.rows = [];
    if (this.total > 100) this.next(this.high);
    else this.next(this.end);
  }

  @step high() {
    this.rows.push({ id: this.total });
    this.next(this.end);
  }

  @step end() {}
}

describe("one step", () => {
  test("starts from nothing but parameters and initialisers", async () => {
    const task = await runStep(Score, "start");
    expect(task).toMatchObject({ step: "start", id: "0", status: "done", next: ["score"], items: [[{ id: 1 }], []], changes: { rows: [{ id: 1 }] } });
    expect(task.artifacts).toEqual({ alpha: 2, seed: 7, error: undefined, rows: [{ id: 1 }] });
  });

  test("starts from an item", async () => {
    const task = await runStep(Score, "score", { input: [{ id: 10 }], parameters: { alpha: 3 }, artifacts: { seed: 1 } });
    expect(task.changes).toEqual({ scores: [31] });
    expect(task).toMatchObject({ id: "0", index: 0, next: ["check"], items: undefined, attempts: [{ error: undefined }] });
  });

  test("starts from artifacts, and finds its place in the foreach", async () => {
    const task = await runStep(Score, "check", { input: "item", index: 2, artifacts: { scores: [1] }, retryCount: 1 });
    expect(task.changes.place).toEqual(["item", 2, [{ step: "start", index: 2, count: 3, item: "item" }], "Score/1/check/2", 1, { alpha: 2 }]);
    expect(task.artifacts.scores).toEqual([1]);
  });

  test("changes what it was given in place, and the test's own value stays", async () => {
    const rows = [{ id: 1 }];
    const task = await runStep(Score, "high", { artifacts: { rows, total: 5 } });
    expect(task.changes).toEqual({ rows: [{ id: 1 }, { id: 5 }] });
    expect(rows).toEqual([{ id: 1 }]);
  });

  test("may be given a parameter that a step before it has changed", async () => {
    const task = await runStep(Score, "score", { input: [{ id: 1 }], artifacts: { alpha: 100 } });
    expect(task.changes).toEqual({ scores: [107] });
  });

  test("joins the branches of a foreach", async () => {
    const task = await runStep(Score, "join", { inputs: [{ scores: [60], input: "a" }, { scores: [50] }] });
    expect(task.changes).toEqual({
      rows: [],
      total: 110,
      place: [
        ["a", 0],
        [undefined, 1],
      ],
    });
    expect(task.next).toEqual(["high"]);
    expect(await runStep(Score, "join", { inputs: [] })).toMatchObject({ changes: { total: 0 }, next: ["end"] });
  });

  test("throws what it threw, without retries and without being caught", async () => {
    await expect(runStep(Score, "score", { input: [1, 2, 3, 4].map((id) => ({ id })) })).rejects.toThrow(new RangeError("4 rows"));
    const task = await runStep(Score, "score", { input: [1, 2, 3, 4].map((id) => ({ id })), onFailure: "return" });
    expect(task).toMatchObject({ status: "failed", error: new RangeError("4 rows"), next: [] });
  });

  test("runs out of time by the test's clock", async () => {
    const clock = new TestClock();
    class Slow extends Score {
      @step @timeout("1m") override async score(_rows: Row[]) {
        await clock.sleep("2m");
        this.next(this.check);
      }
    }
    await expect(runStep(Slow, "score", { input: [], clock })).rejects.toMatchObject({ code: "timeout" });
  });

  test("that forgets this.next fails as in a run", async () => {
    class Forgetful extends Score {
      @step override high() {
        if (this.total < 0) this.next(this.end);
      }
    }
    await expect(runStep(Forgetful, "high", { artifacts: { total: 1 } })).rejects.toMatchObject({ code: "next-missing" });
  });
});

class Branches extends FlowSpec {
  side!: string;
  same!: number;
  sides!: string[];

  @step start() {
    this.next(this.outer, { foreach: ["x", "y"] });
  }

  @step outer(_item: string) {
    this.next(this.left, this.right);
  }

  @step left() {
    this.next(this.leftmost);
  }

  @step leftmost() {
    this.next(this.meet);
  }

  @step right() {
    this.next(this.meet);
  }

  @step meet(inputs: Inputs<this>) {
    this.mergeArtifacts(inputs, { include: ["same"] });
    this.sides = [inputs.leftmost.side, inputs.right.side, String(this.input)];
    this.next(this.inner, { foreach: [1] });
  }

  @step inner(_item: number) {
    this.sides = this.foreachStack().map(({ step: name, index, count, item }) => `${name} ${index}/${count} ${String(item)}`);
    this.next(this.close);
  }

  @step close(_inputs: Inputs<this>) {
    this.next(this.join);
  }

  @step join(_inputs: Inputs<this>) {
    this.next(this.end);
  }

  @step end() {}
}

describe("a static join", () => {
  test("is given its branches in order, or by the names of their steps", async () => {
    const inputs = [
      { side: "l", same: 1 },
      { side: "r", same: 1 },
    ];
    const [left = {}, right = {}] = inputs;
    for (const given of [inputs, { leftmost: left, right }, { right, left }]) {
      const task = await runStep(Branches, "meet", { inputs: given, input: "x", index: 4 });
      expect(task).toMatchObject({ id: "4", changes: { same: 1, sides: ["l", "r", "x"] }, next: ["inner"] });
    }
  });

  test("merges as in a run", async () => {
    await expect(runStep(Branches, "meet", { inputs: [{ same: 1 }, { same: 2 }] })).rejects.toMatchObject({ code: "merge-conflict" });
  });

  test("stands in fan-outs that are given from the outermost on", async () => {
    const task = await runStep(Branches, "inner", {
      foreachStack: [
        { item: "x", index: 1 },
        { item: 9, index: 0, count: 4 },
      ],
    });
    expect(task).toMatchObject({ id: "1.0", changes: { sides: ["start 1/2 x", "meet 0/4 9"] } });
  });
});

describe("a start that cannot be", () => {
  test.each([
    [Score, "scoer", {}, "step-unknown", "Did you mean score?"],
    [Score, "score", {}, "bad-step-start", "input"],
    [Score, "join", {}, "bad-step-start", "inputs"],
    [Score, "join", { inputs: [], artifacts: { total: 1 } }, "bad-step-start", "branches"],
    [Score, "join", { inputs: { check: {} } }, "bad-step-start", "array"],
    [Score, "start", { input: 1 }, "bad-step-start", "Leave"],
    [Score, "high", { inputs: [] }, "bad-step-start", "artifacts"],
    [Score, "check", { foreachStack: [{}, {}] }, "bad-step-start", "start"],
    [Score, "check", { foreachStack: [{}], index: 1 }, "bad-step-start", "foreachStack"],
    [Branches, "meet", { inputs: [{}] }, "bad-step-start", "leftmost, right"],
    [Branches, "meet", { inputs: { left: {}, middle: {} } }, "bad-step-start", "leftmost, right"],
    [Branches, "meet", { inputs: { left: {} } }, "bad-step-start", "leftmost, right"],
  ] as const)("%s.%s from %j is refused: %s", async (Flow, name, options, code, hint) => {
    // As from JavaScript: the compiler refuses most of these.
    const run = runStep as (...args: readonly unknown[]) => Promise<unknown>;
    await expect(run(Flow, name, options)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) as string });
  });

  test("values that cannot be stored are named", async () => {
    const rows: unknown = [() => {}];
    await expect(runStep(Score, "high", { artifacts: { rows: rows as Row[] } })).rejects.toMatchObject({
      code: "value-not-storable",
      message: expect.stringContaining("artifacts.rows[0]") as string,
    });
  });
});
