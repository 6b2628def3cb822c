import { afterEach, describe, expect, test, vi } from "vitest";
import { current, FlowSpec, parameter, step, type Inputs } from "../../src/index.js";
import { runFlow, runStep } from "../../src/testing/index.js";

class Talker extends FlowSpec {
  word = parameter({ default: "" });
  said!: string[];

  @step start() {
    this.next(this.talk, { foreach: [0, 1, 2] });
  }

  @step async talk(item: number) {
    const before = `${this.word} ${current.pathspec} ${JSON.stringify(current.parameters)}`;
    console.log(`${this.word} ${item}`);
    await new Promise((resolve) => setImmediate(resolve));
    process.stdout.write(`${this.word} again\n`);
    console.error("%s: %o", this.word, item);
    this.said = [before, `${this.word} ${current.pathspec} ${JSON.stringify(current.parameters)}`];
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.said = inputs.flatMap(({ said }) => said);
    this.next(this.end);
  }

  @step end() {}
}

afterEach(() => {
  vi.restoreAllMocks();
});

function silence(): void {
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
}

describe("runs side by side", () => {
  test("each see their own task and keep their own output", async () => {
    silence();
    const words = ["red", "green", "blue"];
    const runs = await Promise.all(words.map((word) => runFlow(Talker, { parameters: { word }, maxWorkers: 2 })));
    for (const [index, word] of words.entries()) {
      const run = runs[index];
      expect(run?.artifacts.said).toEqual([0, 1, 2].flatMap((item) => [0, 1].map(() => `${word} Talker/1/talk/${item} {"word":"${word}"}`)));
      expect(run?.tasks.talk.map(({ stdout, stderr }) => [stdout, stderr])).toEqual(
        [0, 1, 2].map((item) => [`${word} ${item}\n${word} again\n`, `${word}: ${item}\n`]),
      );
    }
    expect(() => current.runId).toThrow(expect.objectContaining({ code: "no-current-task" }) as Error);
  });
});

describe("output", () => {
  test("is printed as ever, and the console of the test is as it was", async () => {
    const real = globalThis.console;
    const write = process.stdout.write;
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    const written = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
    await runStep(Talker, "talk", { input: 5, parameters: { word: "hm" } });
    expect(log).toHaveBeenCalledExactlyOnceWith("hm 5");
    expect(written.mock.calls.filter(([text]) => String(text).includes("hm"))).toEqual([["hm again\n"]]);
    vi.restoreAllMocks();
    expect(globalThis.console).toBe(real);
    expect(process.stdout.write).toBe(write);
  });

  test("of the test itself is not a step's", async () => {
    silence();
    const running = runFlow(Talker, { parameters: { word: "step" } });
    console.log("test");
    const run = await running;
    expect(run.tasks.talk.map(({ stdout }) => stdout).join("")).not.toContain("test");
  });
});

test("nothing is left behind: no timer, no handle", async () => {
  silence();
  const before = process.getActiveResourcesInfo().toSorted();
  await runFlow(Talker);
  expect(process.getActiveResourcesInfo().toSorted()).toEqual(before);
});

test("fake timers of the test runner do not stop a run", async () => {
  silence();
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "Date"] });
  try {
    expect((await runFlow(Talker)).status).toBe("done");
  } finally {
    vi.useRealTimers();
  }
});
