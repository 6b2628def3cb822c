import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import type { FlowClass } from "../../src/flow/flow-class.js";
import { flowMetadata } from "../../src/flow/flow-metadata.js";
import * as millrace from "../../src/index.js";
import { evaluate, flowOf } from "../graph/compiled-flow.js";

/** The decorators of a flow's start step. */
function usesOf(decorators: string) {
  return flowMetadata(flowOf(`${decorators} start() {}`).Flow).steps.find(({ name }) => name === "start")?.decorators;
}

describe("decorators of steps record", () => {
  test.each<[string, string, object]>([
    ["@retry", "retry", {}],
    ["@retry()", "retry", {}],
    ["@retry({})", "retry", {}],
    [
      "@retry({ times: 2, delay: '1m', maxDelay: '1h', backoff: 1, jitter: false })",
      "retry",
      { times: 2, delay: "1m", delayMs: 60_000, maxDelay: "1h", maxDelayMs: 3_600_000, backoff: 1, jitter: false },
    ],
    ["@retry({ times: undefined })", "retry", {}],
    ["@timeout('5m')", "timeout", { duration: "5m", durationMs: 300_000 }],
    ["@timeout({ hours: 1, minutes: 30 })", "timeout", { hours: 1, minutes: 30, durationMs: 5_400_000 }],
    ["@timeout({ seconds: 0.5 })", "timeout", { seconds: 0.5, durationMs: 500 }],
    ["@catchError", "catchError", {}],
    ["@catchError({ var: 'problem', print: false })", "catchError", { var: "problem", print: false }],
    ["@millrace.environment({ vars: { A: '1' } })", "environment", { vars: { A: "1" } }],
    [
      "@millrace.resources({ cpu: 0.5, memory: 512, gpu: 1, disk: 1, sharedMemory: 2 })",
      "resources",
      { cpu: 0.5, memory: 512, gpu: 1, disk: 1, sharedMemory: 2 },
    ],
    ["@batch({ queue: 'q', tags: { a: 'b' } })", "batch", { queue: "q", tags: { a: "b" } }],
    ["@millrace.slurm({ time: '2h', extra: ['--exclusive'] })", "slurm", { time: "2h", timeMs: 7_200_000, extra: ["--exclusive"] }],
    ["@millrace.kubernetes({ tolerations: [{ key: 'a' }] })", "kubernetes", { tolerations: [{ key: "a" }] }],
    ["@millrace.npm({ packages: { sharp: '^1' } })", "npm", { packages: { sharp: "^1" } }],
    [
      "@millrace.secrets({ sources: ['a', { type: 'file', path: 'b' }] })",
      "secrets",
      {
        sources: [
          { type: "aws", id: "a" },
          { type: "file", path: "b" },
        ],
      },
    ],
    ["@millrace.local", "local", {}],
    ["@millrace.card({ id: 'loss', refreshInterval: '1s' })", "card", { id: "loss", refreshInterval: "1s", refreshIntervalMs: 1000 }],
  ])("%s", (written, name, options) => {
    expect(usesOf(`@step ${written}`)).toEqual([{ name, options, from: "code" }]);
  });

  test("their order as written, above and below @step", () => {
    expect(usesOf("@timeout('1s') @step @retry @millrace.card @millrace.card({ id: 'b' })")?.map(({ name }) => name)).toEqual([
      "timeout",
      "retry",
      "card",
      "card",
    ]);
  });

  test("functions apart from the data", () => {
    const { Flow } = flowOf("@step @retry({ times: 1, if: (error) => error === 3 }) start() {}");
    const [start] = flowMetadata(Flow).steps;
    expect(start?.decorators).toEqual([{ name: "retry", options: { times: 1 }, from: "code", functions: ["if"] }]);
    expect([start?.functions["retry"]?.["if"]?.(3), start?.functions["retry"]?.["if"]?.(4)]).toEqual([true, false]);
  });

  test("the same when they are applied to several methods", () => {
    const { Flow } = flowOf("@step @often start() {}\n@step @often end() {}", "const often = retry({ times: 9 });");
    expect(flowMetadata(Flow).steps.map(({ decorators }) => decorators[0]?.options)).toEqual([{ times: 9 }, { times: 9 }]);
  });
});

describe("decorators of classes record", () => {
  test.each<[string, object[]]>([
    ["@schedule", [{ name: "schedule", options: { daily: true }, from: "code" }]],
    [
      "@schedule({ cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' })",
      [{ name: "schedule", options: { cron: "0 6 * * 1-5", timezone: "Europe/Berlin" }, from: "code" }],
    ],
    ["@project({ name: 'fraud' })", [{ name: "project", options: { name: "fraud" }, from: "code" }]],
    ["@millrace.trigger('new-data')", [{ name: "trigger", options: { event: "new-data" }, from: "code" }]],
    ["@millrace.trigger({ events: ['a', { name: 'b' }] })", [{ name: "trigger", options: { events: ["a", { name: "b" }] }, from: "code" }]],
    [
      "@millrace.triggerOnFinish('Prepare') @schedule({ hourly: true })",
      [
        { name: "triggerOnFinish", options: { flow: "Prepare" }, from: "code" },
        { name: "schedule", options: { hourly: true }, from: "code" },
      ],
    ],
  ])("%s", (written, uses) => {
    expect(flowMetadata(flowOf("@step start() {}", written).Flow).decorators).toEqual(uses);
  });
});

describe("decorators refuse", () => {
  test.each<[string, string, string, readonly string[]]>([
    ["an option that they do not have", "@step @retry({ tiems: 3 }) start() {}", "unknown-decorator-option", ["tiems", "Did you mean times?"]],
    ["an option of another kind", "@step @retry({ times: '3' }) start() {}", "bad-decorator-option", ["times", "'3'", "a whole number from 0"]],
    ["negative times", "@step @retry({ times: -1 }) start() {}", "bad-decorator-option", ["-1"]],
    ["broken times", "@step @retry({ times: 1.5 }) start() {}", "bad-decorator-option", ["1.5"]],
    ["a bad duration", "@step @retry({ delay: '5 bananas' }) start() {}", "bad-decorator-option", ["5 bananas", '"30s"']],
    ["a duration without unit", "@step @timeout('5') start() {}", "bad-decorator-option", ["duration"]],
    ["a number for a duration", "@step @timeout(5) start() {}", "bad-decorator-option", ["5"]],
    ["a backoff below one", "@step @retry({ backoff: 0.5 }) start() {}", "bad-decorator-option", ["backoff"]],
    ["no time limit", "@step @timeout({ minutes: 0 }) start() {}", "bad-decorator-options", ["missing or zero"]],
    ["two time limits", "@step @timeout({ duration: '1m', minutes: 1 }) start() {}", "bad-decorator-options", ["exclude"]],
    ["variables that are no texts", "@step @millrace.environment({ vars: { A: 1 } }) start() {}", "bad-decorator-option", ["vars"]],
    ["missing options", "@step @millrace.environment({}) start() {}", "bad-decorator-options", ["vars is missing"]],
    ["being bare when they need options", "@step @timeout start() {}", "decorator-needs-options", ['@timeout("5m")']],
    ["being called with nothing when they need options", "@step @millrace.npm() start() {}", "decorator-needs-options", ["@npm"]],
    ["what is no object of options", "@step @retry(3) start() {}", "bad-decorator-options", ["3"]],
    ["to stand twice", "@retry @step @retry({ times: 1 }) start() {}", "decorator-twice", ["@retry", "start"]],
    [
      "two cards without an id",
      "@millrace.card @step @millrace.card start() {}",
      "decorator-twice",
      ["@card", "start", "“default”", "id of its own"],
    ],
    ["two cards of one id", "@millrace.card({ id: 'a' }) @step @millrace.card({ id: 'a', type: 'blank' }) start() {}", "decorator-twice", ["“a”"]],
    ["cards of an unknown type", "@step @millrace.card({ type: 'fancy' }) start() {}", "bad-decorator-options", ["“fancy”", "default", "blank"]],
    ["ids that are no part of a file's name", "@step @millrace.card({ id: 'a/b' }) start() {}", "bad-decorator-options", ["“a/b”", "letters"]],
    ["to be a step twice", "@step @step start() {}", "decorator-twice", ["@step"]],
    ["static methods", "@step static start() {}", "decorator-misplaced", ["the static method start"]],
    ["private methods", "@step #start() {}", "decorator-misplaced", ["private method"]],
    ["fields", "@step start = 3;", "decorator-misplaced", ["the field start"]],
    ["getters", "@retry get start() { return 3; }", "decorator-misplaced", ["the getter start"]],
    ["a function that JSON cannot hold", "@step @batch({ image: () => 'x' }) start() {}", "bad-decorator-option", ["image"]],
    ["two schedules in one", "@step start() {}", "bad-decorator-options", ["exclude"]],
    ["a cron expression of another form", "@step start() {}", "bad-decorator-options", ["* * *", "five fields"]],
    ["a project without name", "@step start() {}", "bad-decorator-options", ["name is missing"]],
    ["steps' decorators on a class", "@step start() {}", "decorator-misplaced", ["the class TestFlow"]],
    ["no event", "@step start() {}", "bad-decorator-options", ["event or events is missing"]],
  ])("%s", (what, body, code, words) => {
    const headings: Readonly<Record<string, string>> = {
      "two schedules in one": "@schedule({ hourly: true, cron: '* * * * *' })",
      "a cron expression of another form": "@schedule({ cron: '* * *' })",
      "a project without name": "@project({})",
      "steps' decorators on a class": "@retry",
      "no event": "@millrace.trigger({})",
    };
    let thrown: unknown;
    try {
      flowOf(body, headings[what]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: "MillraceError", code, exitCode: 2 });
    if (!(thrown instanceof millrace.MillraceError)) return;
    for (const word of words) expect(`${thrown.message} ${thrown.hint}`).toContain(word);
  });

  test.each([
    "@step start() {}",
    "@retry start() {}",
    "@retry({ times: 1 }) start() {}",
    "start() {} } @schedule class Other extends FlowSpec {",
    "start() {} } @schedule({ hourly: true }) class Other extends FlowSpec {",
  ])("to be experimental decorators: %s", (body) => {
    const { code } = transformSync(
      `import { FlowSpec, step, retry, schedule } from "millrace"; export default class Legacy extends FlowSpec { ${body} }`,
      {
        loader: "ts",
        format: "cjs",
        target: "node20",
        tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
      },
    );
    expect(() => evaluate(code)).toThrow(expect.objectContaining({ code: "decorator-legacy" }));
  });
});

describe("steps", () => {
  const { FlowSpec, step, retry, catchError, timeout, project } = millrace;
  const names = (Flow: FlowClass) => flowMetadata(Flow).steps.map(({ name, decorators }) => [name, ...decorators.map((use) => use.name)].join(" "));

  @project({ name: "base" })
  class Base extends FlowSpec {
    @step start() {
      this.next(this.middle);
    }
    @step @retry @timeout("1m") middle() {
      this.next(this.end);
    }
    helper() {}
    @step end() {}
  }

  test("are found in the source's order, and other methods are none", () => {
    expect(names(Base)).toEqual(["start", "middle retry timeout", "end"]);
  });

  test("of base classes come first; those that a subclass overrides keep their place", () => {
    class Derived extends Base {
      @step extra() {
        this.next(this.end);
      }
      @step override start() {
        this.next(this.extra);
      }
    }
    expect(names(Derived)).toEqual(["start", "middle retry timeout", "end", "extra"]);
  });

  test("that a subclass overrides without decorators keep them, with decorators have these alone", () => {
    class Plain extends Base {
      override middle() {
        super.middle();
      }
    }
    class Decorated extends Base {
      @catchError override middle() {
        super.middle();
      }
    }
    expect(names(Plain)).toEqual(["start", "middle retry timeout", "end"]);
    expect(names(Decorated)).toEqual(["start", "middle catchError", "end"]);
    expect(names(Base)).toEqual(["start", "middle retry timeout", "end"]);
    expect(flowMetadata(Plain).steps[1]?.method).toBe(Plain.prototype.middle);
  });

  test("a class's decorators are inherited, and replaced by its own", () => {
    class Same extends Base {}
    @project({ name: "derived" })
    class Other extends Base {}
    expect(flowMetadata(Same).decorators.map(({ options }) => options)).toEqual([{ name: "base" }]);
    expect(flowMetadata(Other).decorators.map(({ options }) => options)).toEqual([{ name: "derived" }]);
  });

  test("methods with decorators but without @step are told apart", () => {
    class Forgot extends Base {
      @retry @timeout("1s") other() {
        this.helper();
      }
    }
    expect(flowMetadata(Forgot).unmarked).toEqual([{ method: "other", decorators: ["retry", "timeout"] }]);
  });
});
