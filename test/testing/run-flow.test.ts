import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  catchError,
  current,
  environment,
  FlowSpec,
  includeFile,
  MillraceError,
  parameter,
  resources,
  retry,
  secrets,
  step,
  timeout,
  type Inputs,
} from "../../src/index.js";
import { runFlow, TestClock } from "../../src/testing/index.js";

class Score extends FlowSpec {
  factor = parameter({ default: 2 });
  limits = parameter({ schema: z.object({ from: z.number() }), default: { from: 0 } });
  chunks!: number[][];
  scores!: number[];
  total!: number;

  @step start() {
    this.chunks = [[1], [2, 3]];
    this.next(this.score, { foreach: this.chunks, label: (chunk) => `chunk of ${chunk.length}` });
  }

  @step score(chunk: number[]) {
    this.scores = chunk.map((value) => value * this.factor);
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.flatMap((input) => input.scores).reduce((sum, score) => sum + score, this.limits.from);
    this.next(this.end);
  }

  @step end() {}
}

describe("a whole flow", () => {
  test("runs in memory, with its parameters, and tells what came of it", async () => {
    const run = await runFlow(Score, { parameters: { factor: 10, limits: { from: 1 } } });
    expect(run.status).toBe("done");
    expect(run.error).toBeUndefined();
    expect(run.artifacts).toEqual({ factor: 10, limits: { from: 1 }, total: 61 });
    expect(run.tasks.score.map(({ id, label, index, changes }) => ({ id, label, index, changes }))).toEqual([
      { id: "0", label: "chunk of 1", index: 0, changes: { scores: [10] } },
      { id: "1", label: "chunk of 2", index: 1, changes: { scores: [20, 30] } },
    ]);
    expect(run.task("start")).toMatchObject({ next: ["score"], items: [[1], [2, 3]] });
    expect(run.task("score", 1).artifacts).toMatchObject({ factor: 10, chunks: [[1], [2, 3]], scores: [20, 30] });
    expect(run.task("end")).toMatchObject({ next: [], items: undefined, changes: {} });
    expect(run.failed).toEqual([]);
  });

  test("prints itself well", async () => {
    const run = await runFlow(Score);
    expect(inspect(run, { compact: false }).replaceAll(/\s+/g, " ")).toBe(
      "{ status: 'done', durationMs: 0, tasks: { start: 1, score: 2, join: 1, end: 1 }, artifacts: { factor: 2, limits: { from: 0 }, total: 12 } }",
    );
    expect(inspect(run.task("score", 1))).toContain("changes: { scores: [ 4, 6 ] }");
  });

  test("asked for a task that did not run says which did", async () => {
    const run = await runFlow(Score);
    expect(() => run.task("score", 7)).toThrow(
      expect.objectContaining({ code: "test-task-unknown", hint: "The tasks of score that ran are 0, 1." }) as Error,
    );
  });

  test("refuses what the command line would refuse, in the same words", async () => {
    // @ts-expect-error -- no such parameter
    await expect(runFlow(Score, { parameters: { factr: 1 } })).rejects.toMatchObject({
      code: "unknown-parameter",
      message: expect.stringMatching(/parameters\.factr/) as string,
    });
    // @ts-expect-error -- not a number
    await expect(runFlow(Score, { parameters: { factor: "much" } })).rejects.toMatchObject({ code: "bad-parameter-value" });
    // @ts-expect-error -- two at once
    const both = runFlow(Score, { parameters: { factor: "much", limits: { from: "zero" } } });
    await expect(both).rejects.toBeInstanceOf(AggregateError);
  });

  test("finds included files from the folder that the test names", async () => {
    class Included extends FlowSpec {
      flow = includeFile({ default: "flow.ts" });
      @step start() {
        this.next(this.end);
      }
      @step end() {}
    }
    expect((await runFlow(Included, { flowDir: "examples/hello" })).artifacts.flow).toContain("class HelloFlow");
    expect((await runFlow(Included, { parameters: { flow: "examples/foreach/flow.ts" } })).artifacts.flow).toContain("class ForeachFlow");
    await expect(runFlow(Included)).rejects.toMatchObject({ code: "parameter-file-unreadable" });
  });

  test("that is none is refused", async () => {
    class Plain {
      step = 1;
    }
    const given: unknown = Plain;
    await expect(runFlow(given as typeof Score)).rejects.toMatchObject({
      code: "not-a-flow",
      message: expect.stringMatching(/the class Plain is no flow/) as string,
    });
    const otherCopy = {
      FlowSpec: class FlowSpec {
        readonly other = true;
      },
    };
    class Foreign extends otherCopy.FlowSpec {}
    const foreign: unknown = Foreign;
    await expect(runFlow(foreign as typeof Score)).rejects.toMatchObject({
      code: "not-a-flow",
      message: expect.stringMatching(/another copy of millrace/) as string,
    });
  });

  test("with problems in its graph does not begin, and all of them are told", async () => {
    const began = vi.fn();
    class Broken extends FlowSpec {
      @step start() {
        began();
        this.next(this.left, this.right);
      }
      @step left() {
        this.next(this.end);
      }
      @step right() {}
      @step end() {}
    }
    await expect(runFlow(Broken)).rejects.toMatchObject({
      code: "flow-problems",
      message: expect.stringMatching(/Broken cannot run:\n- .*\n- /s) as string,
    });
    expect(began).not.toHaveBeenCalled();
  });
});

class Stubborn extends FlowSpec {
  seen: number[] = [];

  @step @retry({ times: 3, delay: "10s", maxDelay: "30s" }) start() {
    this.seen.push(current.retryCount);
    console.log(`try ${current.retryCount}`);
    if (current.retryCount < 3) throw new RangeError(`attempt ${current.retryCount}`);
    this.next(this.end);
  }

  @step end() {}
}

describe("retries", () => {
  test("wait by the test's clock, and each attempt starts anew", async () => {
    const clock = new TestClock(new Date("2030-01-01T00:00:00Z"));
    const run = await runFlow(Stubborn, { clock });
    const { attempts, stdout } = run.task("start");
    expect(attempts.map(({ error, retryInMs }) => [String(error), retryInMs])).toEqual([
      ["RangeError: attempt 0", 10_000],
      ["RangeError: attempt 1", 20_000],
      ["RangeError: attempt 2", 30_000],
      ["undefined", undefined],
    ]);
    expect(attempts.map((attempt) => attempt.stdout)).toEqual(["try 0\n", "try 1\n", "try 2\n", "try 3\n"]);
    expect(stdout).toBe("try 0\ntry 1\ntry 2\ntry 3\n");
    expect(run.artifacts.seen).toEqual([3]);
    expect(new Date(clock.now()).toISOString()).toBe("2030-01-01T00:01:00.000Z");
    expect(run.durationMs).toBe(60_000);
  });

  test("have the jitter that the test says", async () => {
    const run = await runFlow(Stubborn, { random: () => 0 });
    expect(run.task("start").attempts.map(({ retryInMs }) => retryInMs)).toEqual([5_000, 10_000, 15_000, undefined]);
  });

  test("ask the step's own if, with the error itself", async () => {
    const failure = new RangeError("never again");
    const asked = vi.fn((error: unknown) => !(error instanceof RangeError));
    class Picky extends FlowSpec {
      @step @retry({ if: asked }) start() {
        if (current.retryCount === 0) throw failure;
        this.next(this.end);
      }
      @step end() {}
    }
    const run = await runFlow(Picky, { onFailure: "return" });
    expect(run.task("start").attempts).toHaveLength(1);
    expect(asked).toHaveBeenCalledExactlyOnceWith(failure);
    expect(run.error).toBe(failure);
  });
});

describe("a failure", () => {
  class Odd extends Error {
    readonly details = { row: 7 };
  }
  const failure = new Odd("odd row");
  class Broken extends FlowSpec {
    rows!: number[];
    @step start() {
      this.rows = [1];
      this.next(this.left, this.right);
    }
    @step left() {
      this.rows.push(2);
      if (this.rows.length > 1) throw failure;
      this.next(this.join);
    }
    @step right() {
      this.next(this.join);
    }
    @step join(_inputs: Inputs<this>) {
      this.next(this.end);
    }
    @step end() {}
  }

  test("is thrown as it was thrown", async () => {
    await expect(runFlow(Broken)).rejects.toBe(failure);
  });

  test("is part of the result, if asked so, with what had been done", async () => {
    const run = await runFlow(Broken, { onFailure: "return", keepGoing: true });
    expect(run).toMatchObject({ status: "failed", error: failure });
    expect(run.failed.map(({ step: name, error }) => [name, error])).toEqual([["left", failure]]);
    expect(run.task("left")).toMatchObject({ status: "failed", next: [], artifacts: { rows: [1, 2] } });
    expect(run.tasks.right).toHaveLength(1);
    expect(run.tasks.join).toEqual([]);
    expect(() => run.artifacts).toThrow(failure);
  });

  test("lets nothing begin after it", async () => {
    const run = await runFlow(Broken, { onFailure: "return" });
    expect(run.tasks.right).toEqual([]);
  });

  test("of millrace's own says what to do, in which task, and shows no code of millrace's", async () => {
    class Twice extends FlowSpec {
      @step start() {
        this.next(this.end);
        this.next(this.end);
      }
      @step end() {}
    }
    const error: unknown = await runFlow(Twice).catch((thrown: unknown) => thrown);
    if (!(error instanceof MillraceError)) throw new Error("millrace's own error was expected");
    expect(error.code).toBe("next-twice");
    expect(error.message.split("\n").slice(1)).toEqual([error.hint, "In task start/0."]);
    const frames = (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line));
    expect(frames[0]).toMatch(/Twice\.start .*run-flow\.test\.ts/);
    expect(frames.filter((frame) => frame.includes("run-flow.test.ts"))).toHaveLength(2);
    expect(frames.filter((frame) => frame.includes("/src/"))).toEqual([]);
  });

  test("of a value that cannot be stored names its path", async () => {
    class Unstorable extends FlowSpec {
      model!: { readonly fit: () => void };
      @step start() {
        this.model = { fit: () => {} };
        this.next(this.end);
      }
      @step end() {}
    }
    await expect(runFlow(Unstorable)).rejects.toMatchObject({
      code: "value-not-storable",
      message: expect.stringMatching(/this\.model\.fit/) as string,
    });
  });

  test("that is caught leaves the error and the run goes on", async () => {
    class Caught extends FlowSpec {
      error: Error | undefined;
      @step @retry({ times: 1 }) @catchError({ var: "error" }) start() {
        if (current.flowName !== "") throw failure;
        this.next(this.end);
      }
      @step end() {}
    }
    const run = await runFlow(Caught);
    expect(run.artifacts.error).toMatchObject({ message: expect.stringContaining("odd row") as string });
    expect(run.task("start")).toMatchObject({
      status: "done",
      error: failure,
      next: ["end"],
      stderr: expect.stringContaining("caught Odd") as string,
    });
    expect(run.task("start").attempts).toHaveLength(2);
  });
});

describe("time", () => {
  function slowFlow(clock: TestClock, minutes: readonly number[]) {
    class Slow extends FlowSpec {
      late: Error | undefined;
      lates!: boolean[];
      @step start() {
        this.next(this.work, { foreach: minutes });
      }
      @step @timeout("5m") @catchError({ var: "late", print: false }) async work(item: number) {
        await clock.sleep(`${item}m`);
        this.next(this.join);
      }
      @step join(inputs: Inputs<this>) {
        this.lates = inputs.map(({ late }) => late !== undefined);
        this.next(this.end);
      }
      @step end() {}
    }
    return Slow;
  }

  test("runs out by the test's clock", async () => {
    const clock = new TestClock();
    const run = await runFlow(slowFlow(clock, [4, 6, 1]), { clock });
    expect(run.artifacts.lates).toEqual([false, true, false]);
    expect(run.task("work", 1).error).toMatchObject({ name: "TimeoutError", code: "timeout" });
    expect(run.durationMs).toBe(10 * 60_000);
  });

  test("passes for tasks side by side at once", async () => {
    const clock = new TestClock();
    const run = await runFlow(slowFlow(clock, [1, 2, 3, 4]), { clock, maxWorkers: 2 });
    expect(run.artifacts.lates).toEqual([false, false, false, false]);
    // 1 and 2; then 3 from minute 1 to 4 and 4 from minute 2 to 6.
    expect(run.durationMs).toBe(6 * 60_000);
  });

  test("is let pass by what a step calls", async () => {
    const clock = new TestClock();
    class Hangs extends FlowSpec {
      @step @timeout("30s") async start() {
        await new Promise(() => clock.advance("31s"));
        this.next(this.end);
      }
      @step end() {}
    }
    await expect(runFlow(Hangs, { clock })).rejects.toMatchObject({ code: "timeout" });
  });
});

test("workers are shared as the steps' resources say", async () => {
  const clock = new TestClock();
  class Heavy extends FlowSpec {
    @step start() {
      this.next(this.work, { foreach: [1, 2, 3, 4] });
    }
    @step @resources({ cpu: 2 }) async work(_item: number) {
      await clock.sleep("1m");
      this.next(this.join);
    }
    @step join(_inputs: Inputs<this>) {
      this.next(this.end);
    }
    @step end() {}
  }
  expect((await runFlow(Heavy, { clock, maxWorkers: 4 })).durationMs).toBe(120_000);
});

test("a run that is called off ends, and says so", async () => {
  const stop = new AbortController();
  class Endless extends FlowSpec {
    @step async start() {
      await new Promise(() => stop.abort());
      this.next(this.end);
    }
    @step end() {}
  }
  const run = await runFlow(Endless, { signal: stop.signal, onFailure: "return" });
  expect(run.status).toBe("interrupted");
  expect(run.tasks.end).toEqual([]);
  await expect(runFlow(Endless, { signal: AbortSignal.abort() })).rejects.toThrow();
});

test("variables of the environment are set for their steps alone", async () => {
  class Environment extends FlowSpec {
    seen!: (string | undefined)[];
    mine!: string | undefined;
    @step start() {
      this.next(this.one, this.two);
    }
    @step @environment({ vars: { MILLRACE_TEST_WORD: "one" } }) async one() {
      await new Promise((resolve) => setImmediate(resolve));
      this.mine = process.env["MILLRACE_TEST_WORD"];
      this.next(this.join);
    }
    @step @environment({ vars: { MILLRACE_TEST_WORD: "two" } }) async two() {
      await new Promise((resolve) => setImmediate(resolve));
      this.mine = process.env["MILLRACE_TEST_WORD"];
      this.next(this.join);
    }
    @step join(inputs: Inputs<this>) {
      this.seen = [...inputs.map(({ mine }) => mine), process.env["MILLRACE_TEST_WORD"]];
      this.next(this.end);
    }
    @step end() {}
  }
  expect((await runFlow(Environment, { maxWorkers: 2 })).artifacts.seen).toEqual(["one", "two", undefined]);
});

class Login extends FlowSpec {
  length!: number;

  @step @secrets({ sources: ["env:LOGIN_TOKEN"] }) start() {
    this.length = process.env["LOGIN_TOKEN"]?.length ?? 0;
    console.log("token", process.env["LOGIN_TOKEN"]);
    this.next(this.end);
  }

  @step end() {}
}

test("a step's secrets come from the test's environment, and are hidden in what is printed", async () => {
  vi.stubEnv("LOGIN_TOKEN", "correct-horse");
  try {
    const run = await runFlow(Login);
    expect(run.artifacts.length).toBe("correct-horse".length);
    expect(inspect(run.tasks.start, { depth: 5 })).not.toContain("correct-horse");
    expect(run.tasks.start[0]?.stdout).toBe("token ***\n");
  } finally {
    vi.unstubAllEnvs();
  }
});
