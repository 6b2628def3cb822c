import { hostname } from "node:os";
import { failureFromError } from "../bundle/error-failure.js";
import { findDecorator, isBoolean, isString, option } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { timeoutFailure, type Failure } from "../core/failure.js";
import type { GraphStep } from "../core/graph.js";
import { LAYOUT_VERSION, type AttemptRecord, type ItemsRef, type LogSummary } from "../core/records.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import type { Transition } from "../core/transition.js";
import { isInline, type ArtifactRef } from "../core/artifact-ref.js";
import { ArtifactWriter, INLINE_LIMIT } from "../datastore/artifacts/artifact-writer.js";
import { ValueCache } from "../datastore/artifacts/value-cache.js";
import { writeItems } from "../datastore/artifacts/items-writer.js";
import { formatLog } from "../datastore/task-log.js";
import { setCurrentTask } from "../flow/current.js";
import { stepNameOf } from "../flow/flow-metadata.js";
import { bindTask } from "../flow/task-context.js";
import { sameValue } from "../codec/same-value.js";
import { storeArtifacts, storeRemains, type RecordedArtifacts } from "./attempt-artifacts.js";
import { placeFailure } from "./failure-place.js";
import { FlowInstance } from "./flow-instance.js";
import type { StoredArtifact } from "./handed-on.js";
import { currentTask } from "./current-task.js";
import { askRetry, errorOf } from "./retry-question.js";
import { OpenItems } from "./open-items.js";
import { setStepEnvironment } from "./step-environment.js";
import { TaskFolder } from "./task-folder.js";
import { joinInputs, type JoinInputs } from "./join-inputs.js";
import { mergeArtifacts } from "./merge.js";
import { readNextCall, type NextCall } from "./next-call.js";
import type { OutputRecorder } from "./output-recorder.js";
import type { ProcessGuard } from "./process-guard.js";
import type { RunContext } from "./run-context.js";

const HOST = hostname();

/** Stored bytes of a join's inputs that stay in memory. */
const INPUT_CACHE_BYTES = 64 * 1024 * 1024;

/** Raised inside the process when an attempt's time is up. */
class AttemptTimeout extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super("the attempt's time is up");
    this.timeoutMs = timeoutMs;
  }
}

/** One attempt of a task: starts from stored artifacts, runs the step, and commits the result as one record. */
export class Attempt {
  readonly #context: RunContext;
  readonly #spec: TaskSpec;
  readonly #step: GraphStep;
  readonly #recorder: OutputRecorder;
  readonly #guard: ProcessGuard;
  readonly #startedAt = Date.now();
  #instance: FlowInstance | undefined;
  #inputs: JoinInputs | undefined;
  #call: NextCall | undefined;
  readonly #items: OpenItems;
  readonly #folder = new TaskFolder();

  constructor(context: RunContext, spec: TaskSpec, recorder: OutputRecorder, guard: ProcessGuard) {
    this.#context = context;
    this.#spec = spec;
    this.#step = context.step(spec.step);
    this.#items = new OpenItems(context, spec.foreach);
    this.#recorder = recorder;
    this.#guard = guard;
  }

  async run(): Promise<{ readonly outcome: TaskOutcome; readonly printed: boolean }> {
    this.#recorder.begin();
    const restore = setStepEnvironment(this.#step);
    try {
      const writer = new ArtifactWriter(this.#context.run.store);
      const { transition, items } = this.#spec.mode === "catch" ? this.#caught() : await this.#execute(writer);
      const artifacts = storeArtifacts(this.#hydrated(), writer);
      return this.#commit(transition, items, artifacts);
    } catch (error) {
      return await this.#fail(error);
    } finally {
      restore();
      setCurrentTask(undefined);
      this.#folder.remove();
    }
  }

  async #execute(writer: ArtifactWriter): Promise<{ transition: Transition; items?: ItemsRef }> {
    const instance = this.#hydrated();
    const method: unknown = Reflect.get(instance.flow, this.#step.name);
    if (typeof method !== "function") throw new Error(`${this.#step.name} is no method`);
    const args = this.#arguments();
    await this.#limitTime(() => this.#guard.watch(() => Reflect.apply(method, instance.flow, args)));
    this.#clearCaught(instance);
    return this.#transition(writer);
  }

  async #limitTime(run: () => Promise<void>): Promise<void> {
    const { timeoutMs } = this.#spec;
    if (timeoutMs === undefined) return run();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new AttemptTimeout(timeoutMs)), timeoutMs);
      // A step that waits for nothing at all is found out sooner than its time is up.
      timer.unref();
    });
    try {
      await Promise.race([run(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  #hydrated(): FlowInstance {
    if (this.#instance !== undefined) return this.#instance;
    const { records, runArtifacts } = this.#context;
    const artifacts = new Map<string, StoredArtifact>(runArtifacts);
    const [parent] = this.#spec.parents;
    if (parent !== undefined && this.#spec.join === undefined) {
      for (const [name, stored] of records.handedOn(parent).artifacts) artifacts.set(name, stored);
    }
    const instance = new FlowInstance({
      flow: this.#context.newFlow(),
      artifacts,
      load: (name, stored) => this.#context.artifacts.read(stored.ref, this.#nameOf(name, stored)),
      step: this.#step,
    });
    this.#bind(instance);
    this.#instance = instance;
    return instance;
  }

  /** For messages about a stored value: `Score/12/start/0/rows`. */
  #nameOf(name: string, stored: StoredArtifact): string {
    return stored.source === undefined ? `${this.#context.run.pathspec}, ${name}` : `${this.#context.records.pathspec(stored.source)}/${name}`;
  }

  #bind(instance: FlowInstance): void {
    const items = this.#items;
    bindTask(instance.flow, {
      next: (args) => this.#onNext(args),
      mergeArtifacts: (inputs, options) => this.#merge(instance, inputs, options),
      get input() {
        return items.innermost();
      },
      index: this.#spec.foreach.at(-1)?.index,
      foreachStack: () => items.stack(),
    });
    setCurrentTask(currentTask(this.#context, this.#spec, this.#folder));
  }

  #arguments(): unknown[] {
    if (this.#spec.join !== undefined) return this.#step.takes === "inputs" ? [this.#joinInputs().value] : [];
    return this.#step.takes === "item" ? [this.#items.innermost()] : [];
  }

  #joinInputs(): JoinInputs {
    const { records, runArtifacts, artifacts, run, flow } = this.#context;
    const values = new ValueCache(INPUT_CACHE_BYTES);
    const joined = this.#inputs ?? joinInputs(this.#spec, {
      records,
      runArtifacts,
      graph: run.record.graph,
      prototype: flow.flowClass.prototype,
      load: (pathspec, name, stored) => {
        const key = `${stored.source ?? ""}/${name}`;
        return values.getOrMake(key, storedBytes(stored.ref), () => artifacts.read(stored.ref, `${pathspec}/${name}`));
      },
      itemOf: (split, index) => this.#items.read(split, index),
    });
    this.#inputs = joined;
    return joined;
  }

  #onNext(args: readonly unknown[]): void {
    const instance = this.#hydrated();
    const nameOf = (target: unknown): string | undefined => stepNameOf(instance.flow, target);
    if (this.#step.name === "end") throw new MillraceError("next-in-end", { target: args.flatMap((arg) => nameOf(arg) ?? []).join(", ") });
    const call = readNextCall(this.#step, args, nameOf);
    if (this.#call !== undefined) throw new MillraceError("next-twice", { step: this.#step.name, first: describeCall(this.#call), second: describeCall(call) });
    this.#call = call;
  }

  #merge(instance: FlowInstance, inputs: unknown, options: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }): void {
    const joined = this.#spec.join === undefined ? undefined : this.#joinInputs();
    if (joined === undefined || !Array.isArray(inputs) || !inputs.every((input) => joined.value.includes(input))) {
      throw new MillraceError("merge-outside-join", { step: this.#step.name });
    }
    const chosen = inputs.length === joined.value.length ? joined.refs : inputs.flatMap((input) => joined.refs[joined.value.indexOf(input)] ?? []);
    const { records, runArtifacts, artifacts } = this.#context;
    const merged = mergeArtifacts({
      step: this.#step.name,
      inputs: chosen,
      include: options.include ?? [],
      exclude: options.exclude ?? [],
      records,
      runArtifacts,
      isSet: (name) => instance.hasSet(name),
      sameValue: (a, b, name) => sameValue(artifacts.read(a.ref, this.#nameOf(name, a)), artifacts.read(b.ref, this.#nameOf(name, b))),
    });
    for (const [name, stored] of merged) instance.attach(name, stored);
  }

  async #transition(writer: ArtifactWriter): Promise<{ transition: Transition; items?: ItemsRef }> {
    const call = this.#call;
    if (call === undefined) {
      if (this.#step.name === "end") return { transition: { kind: "end" } };
      throw new MillraceError("next-missing", { step: this.#step.name, choices: this.#step.next }, { position: this.#step.position });
    }
    if (call.kind === "next") return { transition: { kind: "next", targets: call.targets } };
    return this.#fanOut(call, writer);
  }

  async #fanOut(call: NextCall & { readonly kind: "foreach" }, writer: ArtifactWriter): Promise<{ transition: Transition; items: ItemsRef }> {
    const { target, label, concurrency } = call;
    const max = this.#spec.maxNumSplits;
    const { items, count } = await writeItems(this.#context.run.store, writer, call.items, { limit: max + 1, ...(label !== undefined && { label }) });
    if (count > max) throw new MillraceError("foreach-too-wide", { step: this.#step.name, max });
    if (count === 0 && !call.allowEmpty) throw new MillraceError("foreach-empty", { step: this.#step.name, target });
    return { transition: { kind: "foreach", target, count, ...(concurrency !== undefined && { concurrency }) }, items };
  }

  /** The step failed for good and `@catchError` takes the failure as its result: nothing is set but `var`. */
  #caught(): { transition: Transition; items?: ItemsRef } {
    const failure = this.#spec.failure ?? { code: "exception", name: "Error", message: "unknown", frames: [] };
    const use = findDecorator(this.#step, "catchError");
    const instance = this.#hydrated();
    const name = option(use, "var", isString);
    if (name !== undefined) Reflect.set(instance.flow, name, errorOf(failure));
    if (option(use, "print", isBoolean) ?? true) this.#recorder.say([`caught ${failure.name}: ${failure.message}`, failure.codeFrame ?? []].flat().join("\n"));
    const targets = this.#step.next;
    return { transition: targets.length === 0 ? { kind: "end" } : { kind: "next", targets } };
  }

  /** `@catchError`'s artifact is undefined when there was no error. */
  #clearCaught(instance: FlowInstance): void {
    const name = option(findDecorator(this.#step, "catchError"), "var", isString);
    if (name !== undefined && !instance.hasSet(name)) Reflect.set(instance.flow, name, undefined);
  }

  #commit(transition: Transition, items: ItemsRef | undefined, artifacts: RecordedArtifacts): { outcome: TaskOutcome; printed: boolean } {
    const log = this.#keepOutput();
    const caught = this.#spec.mode === "catch" ? this.#spec.failure : undefined;
    const record: AttemptRecord = {
      ...this.#base("done", artifacts, log),
      next: transition,
      ...(items !== undefined && { items }),
      ...(caught !== undefined && { caught }),
    };
    const json = JSON.stringify(record);
    this.#context.run.writeAttemptSync(record, json);
    const { startedAt, finishedAt, label } = record;
    return {
      outcome: { status: "done", transition, startedAt, finishedAt, record: json, ...(label !== undefined && { label }), ...(caught !== undefined && { caught }) },
      printed: log !== undefined,
    };
  }

  async #fail(error: unknown): Promise<{ outcome: TaskOutcome; printed: boolean }> {
    const { flow } = this.#context;
    const failure =
      error instanceof AttemptTimeout
        ? timeoutFailure(this.#step.name, error.timeoutMs)
        : placeFailure(failureFromError(error, { locator: flow.locator }), error, this.#step.name, flow);
    const noRetry = this.#spec.retriesLeft > 0 && !(await this.#retryWanted(error, failure));
    const remains = this.#storeRemains();
    let log: LogSummary | undefined;
    let json: string | undefined;
    try {
      log = this.#keepOutput();
      const record: AttemptRecord = { ...this.#base("failed", remains, log), failure };
      json = JSON.stringify(record);
      this.#context.run.writeAttemptSync(record, json);
    } catch {
      // The store fails: the failure is told all the same, and the scheduler's side notes it.
      json = undefined;
    }
    const label = this.#items.label();
    return {
      outcome: {
        status: "failed",
        failure,
        startedAt: this.#startedAt,
        finishedAt: Date.now(),
        noRetry,
        ...(json !== undefined && { record: json }),
        ...(label !== undefined && { label }),
      },
      printed: log !== undefined,
    };
  }

  #storeRemains(): RecordedArtifacts {
    if (this.#instance === undefined) return { artifacts: {}, inherited: {} };
    return storeRemains(this.#instance, new ArtifactWriter(this.#context.run.store));
  }

  async #retryWanted(error: unknown, failure: Failure): Promise<boolean> {
    return askRetry(this.#context.flow, this.#step.name, error instanceof AttemptTimeout ? errorOf(failure) : error, this.#recorder);
  }

  #keepOutput(): LogSummary | undefined {
    const output = this.#recorder.end(this.#spec.maxLogBytes);
    if (output === undefined) return undefined;
    const { stdoutBytes, stderrBytes, droppedBytes } = output;
    const log = formatLog(output.pieces);
    // What the failed attempt printed stands already.
    if (this.#spec.mode === "catch") this.#context.run.appendLogSync(this.#spec.step, this.#spec.task, this.#spec.attempt, log);
    else this.#context.run.writeLogSync(this.#spec.step, this.#spec.task, this.#spec.attempt, log);
    return { stdoutBytes, stderrBytes, ...(droppedBytes > 0 && { droppedBytes }) };
  }

  #base(status: "done" | "failed", { artifacts, inherited }: RecordedArtifacts, log: LogSummary | undefined): AttemptRecord {
    const { flow, run, step, task, attempt, parents, foreach } = this.#spec;
    const label = this.#items.label();
    return {
      format: LAYOUT_VERSION,
      flow,
      run,
      step,
      task,
      attempt,
      status,
      startedAt: this.#startedAt,
      finishedAt: Date.now(),
      host: HOST,
      pid: process.pid,
      parents,
      ...(foreach.length > 0 && { foreach }),
      ...(label !== undefined && { label }),
      artifacts,
      inherited,
      ...(log !== undefined && { log }),
    };
  }
}

function storedBytes(ref: ArtifactRef): number {
  return isInline(ref) ? INLINE_LIMIT : ref.size;
}

function describeCall(call: NextCall): string {
  return call.kind === "next" ? call.targets.map((target) => `this.${target}`).join(", ") : `this.${call.target}, { foreach }`;
}
