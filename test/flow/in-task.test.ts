import { AbsentCard } from "../../src/cards/absent-card.js";
import { afterEach, describe, expect, test } from "vitest";
import { setCurrentTask, type CurrentTask } from "../../src/flow/current.js";
import { createFlow } from "../../src/flow/flow-parameters.js";
import { stepNameOf } from "../../src/flow/flow-metadata.js";
import { bindTask, type TaskContext } from "../../src/flow/task-context.js";
import { current, FlowSpec, step, type Inputs } from "../../src/index.js";

function bound(_method: (this: FlowSpec) => void, context: ClassMethodDecoratorContext<FlowSpec>): void {
  context.addInitializer(function () {
    const method: unknown = Reflect.get(this, context.name);
    if (typeof method === "function") Reflect.set(this, context.name, method.bind(this));
  });
}

class Sample extends FlowSpec {
  @step start() {
    this.next(this.middle);
  }
  @bound @step middle() {
    this.next(this.end);
  }
  helper() {}
  @step join(inputs: Inputs<this>) {
    this.mergeArtifacts(inputs, { exclude: ["helper"] });
    this.next(this.end);
  }
  @step end() {}
}

const task: CurrentTask = {
  flowName: "Sample",
  runId: "12",
  stepName: "score",
  taskId: "3",
  retryCount: 1,
  originRunId: undefined,
  tags: ["nightly"],
  user: "ada",
  parameters: { alpha: 0.5 },
  tempDir: "/tmp/x",
  card: new AbsentCard("it has no card", () => {}),
  namespace: undefined,
  projectName: undefined,
  branchName: undefined,
  projectFlowName: undefined,
  isProduction: false,
};

afterEach(() => setCurrentTask(undefined));

describe("current", () => {
  test("tells of the task that runs", () => {
    setCurrentTask(task);
    expect({ ...current }).toEqual({ ...task, pathspec: "Sample/12/score/3" });
  });

  test("is an error outside a task that names what was read", () => {
    for (const name of Object.keys(Object.getOwnPropertyDescriptors(current))) {
      expect(() => Reflect.get(current, name)).toThrow(
        expect.objectContaining({ code: "no-current-task", message: expect.stringContaining(`current.${name}`) }),
      );
    }
    setCurrentTask(task);
    setCurrentTask(undefined);
    expect(() => current.runId).toThrow("current.runId");
  });
});

describe("a flow's own members", () => {
  test("are errors outside a task", () => {
    const flow = createFlow(Sample, {});
    expect(() => flow.start()).toThrow(expect.objectContaining({ code: "no-current-task", message: expect.stringContaining("this.next") }));
    expect(() => flow.input).toThrow("this.input");
    expect(() => flow.index).toThrow("this.index");
    expect(() => flow.foreachStack()).toThrow("this.foreachStack");
  });

  test("reach the task that the flow is bound to", () => {
    const calls: unknown[] = [];
    const stack = [{ step: "start", index: 2, count: 5, item: "c" }];
    const context: TaskContext = {
      next: (args) => void calls.push(args),
      mergeArtifacts: (inputs, options) => void calls.push([inputs, options]),
      input: "c",
      index: 2,
      foreachStack: () => stack,
    };
    const flow = createFlow(Sample, {});
    const other = createFlow(Sample, {});
    bindTask(flow, context);
    flow.start();
    const inputs = [] as unknown as Inputs<Sample>;
    flow.join(inputs);
    expect(calls).toEqual([[flow.middle], [inputs, { exclude: ["helper"] }], [flow.end]]);
    expect([flow.input, flow.index, flow.foreachStack()]).toEqual(["c", 2, stack]);
    expect(() => other.input).toThrow("outside a task");
  });

  test("steps given to next are known by name, bound ones too, and other functions are none", () => {
    const flow = createFlow(Sample, {});
    expect([flow.start, flow.middle, flow.end, flow.helper, () => {}, undefined].map((method) => stepNameOf(flow, method))).toEqual([
      "start",
      "middle",
      "end",
      undefined,
      undefined,
      undefined,
    ]);
  });
});
