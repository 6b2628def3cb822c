import { failureFromError } from "../bundle/error-failure.js";
import { loadFlow } from "../bundle/flow-loading.js";
import { createLocator } from "../bundle/locator.js";
import { backgroundClock } from "../core/clock.js";
import { isMillraceError, type MillraceError } from "../core/errors/millrace-error.js";
import type { JsonValue } from "../core/json.js";
import type { TaskProcessAdvice, TaskProcessAnswer, TaskProcessRequest, WireError } from "../core/messages.js";
import type { TaskSpec } from "../core/task-spec.js";
import { setHome } from "../datastore/home-store.js";
import { setCurrentTask } from "../flow/current.js";
import { isFlowClass } from "../flow/flow-class.js";
import { flowMetadata } from "../flow/flow-metadata.js";
import { describeFlow } from "../graph/describe-flow.js";
import { setArrow, type ArrowModule } from "../codec/arrow.js";
import { accessOf, setHomeAccess } from "../store/s3/home-access.js";
import { openStore } from "../store/open-store.js";
import { Attempt } from "./attempt.js";
import { askRetry, errorOf } from "./retry-question.js";
import type { LoadedFlow } from "./loaded-flow.js";
import { OutputRecorder } from "./output-recorder.js";
import { ProcessGuard } from "./process-guard.js";
import { RunContext } from "./run-context.js";
import { settleStart } from "./run-start.js";
import type { Workplace } from "./workplace.js";

type Request<T extends TaskProcessRequest["type"]> = Extract<TaskProcessRequest, { readonly type: T }>;
type RunTask = Request<"run-task">;
type NextTasks = Extract<TaskProcessAdvice, { readonly type: "next-tasks" }>;

/** A task process's life: it loads a flow, is told of a run, and runs attempts of its tasks one after another. */
export class TaskHost {
  readonly #recorder: OutputRecorder;
  readonly #guard = new ProcessGuard();
  readonly #place: Workplace;
  #flow: LoadedFlow | undefined;
  #run: RunContext | undefined;
  #isAtWork = false;
  /** Why the datastore was asked again since the last answer. */
  #trouble: string | undefined;
  /** Given in advance. */
  #next: TaskSpec[] = [];
  /** No task is begun but one that is asked for. */
  #leavesNext = false;

  /** @param tellHidden Tells the values of secrets to who shows the output while it comes. */
  constructor(tellHidden: (values: readonly string[]) => void) {
    this.#recorder = new OutputRecorder(tellHidden);
    this.#place = { output: this.#recorder, guard: this.#guard, clock: backgroundClock, setCurrent: setCurrentTask };
  }

  /** Takes over the process's output and its ways to end. */
  install(): void {
    this.#recorder.install();
    this.#guard.install();
  }

  leave(): never {
    return this.#guard.leave();
  }

  async answer(request: TaskProcessRequest): Promise<TaskProcessAnswer> {
    try {
      switch (request.type) {
        case "load":
          return await this.#load(request);
        case "prepare":
          return await this.#prepare(request);
        case "open-run":
          await this.#openRun(request);
          this.#guard.takeBaseline();
          return { type: "opened" };
        case "run-task":
          return await this.#runTask(request);
        case "retry-if":
          return { type: "retry-if", retry: await askRetry(this.#opened().flow, request.step, errorOf(request.failure), this.#recorder) };
      }
    } catch (error) {
      return { type: "refused", errors: wireErrors(error), failure: failureFromError(error, { locator: this.#flow?.locator }) };
    }
  }

  /**
   * Takes note of a task that comes, at once: what comes right behind it must find it.
   * @returns What is to be answered now. Tasks given in advance are kept while one is at work; they are left when the
   *   answer of the one before has told so.
   */
  receive(message: TaskProcessRequest | NextTasks): TaskProcessRequest | undefined {
    if (message.type !== "next-tasks") {
      if (message.type === "run-task") {
        this.#isAtWork = true;
        this.#leavesNext = false;
      }
      return message;
    }
    if (this.#leavesNext) return undefined;
    this.#next.push(...message.specs);
    if (this.#isAtWork) return undefined;
    this.#isAtWork = true;
    return this.takeNext();
  }

  /** What was given in advance and has not begun does not begin. */
  leaveNext(): void {
    this.#next = [];
  }

  /** The task that the last answer said begins. */
  takeNext(): RunTask | undefined {
    const spec = this.#next.shift();
    return spec && { type: "run-task", spec };
  }

  async #load(request: Request<"load">): Promise<TaskProcessAnswer> {
    const locator = createLocator(request.bundle);
    const { flowClass, exportName } = await loadFlow(request.bundle, {
      isFlowClass,
      locator,
      ...(request.exportName !== undefined && { exportName: request.exportName }),
    });
    const flow: LoadedFlow = {
      flowClass,
      exportName,
      locator,
      metadata: flowMetadata(flowClass),
    };
    this.#flow = flow;
    await shareArrow(locator);
    if (!request.describe) return { type: "loaded" };
    const definition = describeFlow(
      flowClass,
      (classText, offset) => locator.locateInClass(classText, offset),
      (file) => locator.sourceOf(file),
    );
    return { type: "loaded", definition, exportName };
  }

  async #prepare({ store, ...request }: Request<"prepare">): Promise<TaskProcessAnswer> {
    const start = await settleStart({
      ...request,
      flowClass: this.#loaded().flowClass,
      store: await openStore(store, { patient: true }),
      cwd: process.cwd(),
    });
    if (start.problems.length > 0) return { type: "refused", errors: start.problems.flatMap(wireErrors) };
    const { parameters, initial, values } = start;
    // A parameter that is not required may have no value.
    const shown = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, shownValue(value)] as const]));
    return { type: "prepared", parameters, initial, shown: Object.fromEntries(shown) };
  }

  async #openRun({ store: address, run }: Request<"open-run">): Promise<void> {
    const store = await openStore(address, { patient: true });
    store.onTrouble?.((reason) => (this.#trouble = reason));
    this.#run = new RunContext(this.#loaded(), store, run);
    setHome(store, run.options.namespace);
    setHomeAccess(address.kind === "s3" ? accessOf(address) : undefined);
  }

  async #runTask({ spec }: RunTask): Promise<TaskProcessAnswer> {
    const { outcome, printed } = await new Attempt(this.#opened(), spec, this.#place).run();
    const retire = outcome.status === "failed" ? "the attempt failed" : this.#guard.reasonToRetire();
    // Output tells by its place in a file whose it is, and the scheduler's side notes the place between tasks.
    this.#leavesNext = retire !== undefined || printed;
    if (this.#leavesNext) this.leaveNext();
    this.#isAtWork = this.#next.length > 0;
    const next = this.#leavesNext ? "left" : this.#isAtWork ? "begins" : undefined;
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return {
      type: "task-ended",
      outcome,
      printed,
      ...(trouble !== undefined && { trouble }),
      ...(retire !== undefined && { retire }),
      ...(next !== undefined && { next }),
    };
  }

  #loaded(): LoadedFlow {
    if (this.#flow === undefined) throw new Error("no flow is loaded");
    return this.#flow;
  }

  #opened(): RunContext {
    if (this.#run === undefined) throw new Error("no run is open");
    return this.#run;
  }
}

/** Arrow tables are stored by the very copy of the package that the flow made them with. */
async function shareArrow(locator: LoadedFlow["locator"]): Promise<void> {
  const url = locator.packageUrl("apache-arrow");
  if (url !== undefined) setArrow((await import(url)) as ArrowModule);
}

function wireErrors(error: unknown): WireError[] {
  if (!isMillraceError(error)) return [];
  const { code, parameters, position }: MillraceError = error;
  return [{ code, parameters: JSON.parse(JSON.stringify(parameters)) as JsonValue, ...(position !== undefined && { position }) }];
}

/** Characters of a parameter's value that messages show. */
const SHOWN_CHARACTERS = 200;

/** What a schema makes of a parameter may be or hold a bigint, which JSON cannot say. */
function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** A parameter's value for messages: long texts and large data are told by their size. */
function shownValue(value: unknown): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  const text = typeof value === "string" ? value : JSON.stringify(value, bigintAsText);
  if (text.length > SHOWN_CHARACTERS) return `${text.slice(0, SHOWN_CHARACTERS / 4)}… (${text.length} characters)`;
  return typeof value === "string" ? value : (JSON.parse(text) as JsonValue);
}
