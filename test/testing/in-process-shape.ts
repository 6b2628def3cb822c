import { transformSync } from "esbuild";
import { isFlowClass, type FlowClass } from "../../src/flow/flow-class.js";
import * as millrace from "../../src/index.js";
import type { FlowRun, TaskRun, TestClock } from "../../src/testing/index.js";
import type { Flow } from "../behaviour/matrix/model.js";
import type { Merges } from "../behaviour/matrix/oracle.js";
import { flowSource, type SourceOptions } from "../behaviour/matrix/source.js";
import { ERROR, UNDEFINED } from "../rig/stored-json.js";

/** How tasks fail: in how many of their attempts, by an error or by sleeping over their time. */
export type Plan = Readonly<Record<string, { readonly attempts: number; readonly by: "error" | "time" }>>;

/** A shape of the matrix as a class in this process. What its tasks did is in `begun` and `ended`. */
export class InProcessShape {
  readonly Flow: FlowClass;
  readonly begun: string[] = [];
  readonly ended: string[] = [];

  constructor(flow: Flow, merges: Merges, plan: Plan, clock: TestClock, options: Omit<SourceOptions, "merges"> = {}) {
    const here = (): string => `${millrace.current.stepName}/${millrace.current.taskId}`;
    const trial = async (spoil: () => void): Promise<void> => {
      // Others get their turn in between, so what belongs to one task must not be seen by another.
      await new Promise((resolve) => setImmediate(resolve));
      const mine = plan[here()];
      if (mine === undefined || millrace.current.retryCount >= mine.attempts) {
        this.ended.push(here());
        return;
      }
      spoil();
      if (mine.by === "time") await clock.sleep("1h");
      throw new RangeError(`planned failure of ${here()}`);
    };
    const began = (): void => {
      this.begun.push(here());
      console.log(`out ${here()}`);
      process.stderr.write(`err ${here()}\n`);
    };
    const turn = (): number => Number(millrace.current.taskId.split("~")[1] ?? 0) + 1;
    const modules = { millrace, "./rig.js": { here }, "./trial.js": { began, look, trial, turn } };
    this.Flow = evaluate(flowSource(flow, { merges, ...options }).replace("import { ", "import { retry, "), modules);
  }
}

function look(steps: readonly string[], read: (name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    steps.map((step) => {
      try {
        return [step, read(`v_${step}`)];
      } catch (error) {
        return [step, error instanceof millrace.MillraceError ? "(lost)" : String(error)];
      }
    }),
  );
}

function evaluate(source: string, modules: Readonly<Record<string, object>>): FlowClass {
  const { code } = transformSync(source, { loader: "ts", format: "cjs", target: "node20", keepNames: true });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  // oxlint-disable-next-line typescript/no-implied-eval -- what is compiled here has to be run
  const run = new Function("module", "exports", "require", code) as (module: object, exports: object, require: (name: string) => unknown) => void;
  run(module, module.exports, (name) => modules[name]);
  const Flow = module.exports["default"];
  if (!isFlowClass(Flow)) throw new Error("the source exports no flow");
  return Flow;
}

/** The artifacts of every task that is done, by its name, as the oracle writes them. */
export function artifactsOf<F>(run: FlowRun<F>): Record<string, Record<string, unknown>> {
  const done = tasksOf(run).filter(({ status }) => status === "done");
  return Object.fromEntries(done.map((task) => [`${task.step}/${task.id}`, present(task.artifacts)]));
}

export function tasksOf<F>(run: FlowRun<F>): readonly TaskRun<F>[] {
  return Object.values<readonly TaskRun<F>[]>(run.tasks).flat();
}

function present(artifacts: object): Record<string, unknown> {
  const plain = Object.entries(artifacts).map(([name, value]) => [name, asPredicted(value)] as const);
  return Object.fromEntries(plain.filter(([name, value]) => !(name.startsWith("err_") && value === UNDEFINED)));
}

function asPredicted(value: unknown): unknown {
  if (value === undefined) return UNDEFINED;
  if (value instanceof Error) return ERROR;
  if (Array.isArray(value)) return value.map(asPredicted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asPredicted(inner)]));
}
