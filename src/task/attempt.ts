import { hostname } from "node:os";
import { types } from "node:util";
import { failureFromError } from "../bundle/error-failure.js";
import { enterStep } from "../bundle/external-variables.js";
import { findDecorator, isBoolean, isString, option } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { timeoutFailure, type Failure } from "../core/failure.js";
import type { GraphStep } from "../core/graph.js";
import { SecretMask } from "../core/secret-mask.js";
import type { AttemptRecord, LogSummary } from "../core/records.js";
import { formatTaskRef } from "../core/task-ref.js";
import type { TaskOutcome, TaskSpec } from "../core/task-spec.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import { attemptRecord, type AttemptYield } from "../datastore/attempt-record.js";
import { formatLog } from "../datastore/task-log.js";
import { stepNameOf } from "../flow/flow-metadata.js";
import { bindTask } from "../flow/task-context.js";
import type { TaskCards } from "../cards/task-cards.js";
import { storeArtifacts, storeRemains, type RecordedArtifacts } from "./attempt-artifacts.js";
import { cardSubject, openCards } from "./attempt-cards.js";
import { currentTask } from "./current-task.js";
import { placeFailure } from "./failure-place.js";
import { FlowInstance } from "./flow-instance.js";
import type { StoredArtifact } from "../datastore/handed-on.js";
import { fetchAhead } from "./fetch-ahead.js";
import { JoinedBranches } from "./joined-branches.js";
import { OpenItems } from "./open-items.js";
import { askRetry, errorOf } from "./retry-question.js";
import type { RunContext } from "./run-context.js";
import { guardArtifacts } from "./secrets/artifact-guard.js";
import { fetchSecrets } from "./secrets/step-secrets.js";
import { setVariables, stepVariables, type Variables } from "./step-environment.js";
import { stopUnderDebugger } from "./step-debugger.js";
import { caughtEnd, StepTransition, type StepEnd } from "./step-transition.js";
import { TaskFolder } from "./task-folder.js";
import { AttemptTimeout, withTimeLimit } from "./time-limit.js";
import type { Workplace } from "./workplace.js";

const HOST = hostname();

/** What an attempt tells of its end. */
export interface AttemptReport {
  readonly outcome: TaskOutcome;
  /** It printed something. */
  readonly printed: boolean;
  /** What failed it, as it was thrown: for those in the same process. */
  readonly error?: unknown;
}

/** One attempt of a task: starts from stored artifacts, runs the step, and commits the result as one record. */
export class Attempt {
  readonly #context: RunContext;
  readonly #spec: TaskSpec;
  readonly #step: GraphStep;
  readonly #place: Workplace;
  readonly #startedAt: number;
  readonly #items: OpenItems;
  readonly #folder = new TaskFolder();
  #instance: FlowInstance | undefined;
  #branches: JoinedBranches | undefined;
  #transition: StepTransition | undefined;
  #cards: TaskCards | undefined;
  #secrets: ReadonlyMap<string, string> | undefined;
  #mask: SecretMask | undefined;
  #forgetSecrets: () => void = () => {};

  constructor(context: RunContext, spec: TaskSpec, place: Workplace) {
    this.#context = context;
    this.#spec = spec;
    this.#step = context.step(spec.step);
    this.#items = new OpenItems(context, spec.foreach);
    this.#place = place;
    this.#startedAt = place.clock.now();
  }

  async run(): Promise<AttemptReport> {
    this.#place.output.begin();
    const variables = stepVariables(this.#step);
    const restore = setVariables(variables);
    enterStep(this.#step.name);
    try {
      await this.#takeSecrets(variables);
      if (this.#spec.mode === "run")
        this.#cards = await openCards(this.#context, this.#step, this.#place.output, () => this.#record("done", {}), this.#mask);
      const writer = this.#newWriter();
      const instance = this.#hydrate();
      const end = this.#spec.mode === "catch" ? this.#catch(instance) : await this.#execute(instance, writer);
      return await this.#commit(end, storeArtifacts(instance, writer, this.#context.run.store));
    } catch (error) {
      return await this.#fail(error);
    } finally {
      this.#forgetSecrets();
      restore();
      this.#context.run.store.dropPrefetched?.();
      this.#place.setCurrent(undefined);
      this.#folder.remove();
    }
  }

  /** Puts the step's secrets into the environment, and hides them in all that is kept of the attempt. */
  async #takeSecrets(environment: Variables): Promise<void> {
    if (this.#spec.mode !== "run") return;
    const secrets = await fetchSecrets(this.#step, environment);
    if (secrets === undefined) return;
    this.#secrets = secrets;
    const values = [...secrets.values()];
    this.#mask = new SecretMask(values);
    this.#place.output.hide(values, this.#mask);
    this.#forgetSecrets = setVariables(Object.fromEntries(secrets));
  }

  #newWriter(): ArtifactWriter {
    return new ArtifactWriter(this.#context.run.store, this.#secrets && guardArtifacts(this.#secrets));
  }

  /** The flow's instance with what this task starts from behind its fields. */
  #hydrate(): FlowInstance {
    const { records, runArtifacts } = this.#context;
    const artifacts = new Map<string, StoredArtifact>(runArtifacts);
    const [parent] = this.#spec.parents;
    if (parent !== undefined && this.#spec.join === undefined) {
      if (this.#spec.parentRecord !== undefined) records.remember(parent, this.#spec.parentRecord);
      for (const [name, stored] of records.handedOn(parent).artifacts) artifacts.set(name, stored);
    }
    if (this.#spec.mode === "run") fetchAhead(this.#step, artifacts, this.#context);
    const instance = new FlowInstance({
      flow: this.#context.newFlow(),
      artifacts,
      load: (name, stored) => this.#context.artifacts.read(stored.ref, this.#context.nameOf(name, stored)),
      step: this.#step,
    });
    this.#instance = instance;
    this.#bind(instance);
    return instance;
  }

  /** Gives the instance and `current` what they tell of this task. */
  #bind(instance: FlowInstance): void {
    const items = this.#items;
    const transition = new StepTransition({
      step: this.#step,
      nameOf: (target) => stepNameOf(instance.flow, target),
      store: this.#context.run.store,
      guard: this.#place.guard,
      maxNumSplits: this.#spec.maxNumSplits,
    });
    this.#transition = transition;
    bindTask(instance.flow, {
      next: (args) => transition.next(args),
      mergeArtifacts: (inputs, options) => this.#joined().merge(instance, { inputs, ...options }),
      get input() {
        return items.innermost();
      },
      index: this.#spec.foreach.at(-1)?.index,
      foreachStack: () => items.stack(),
    });
    const { output } = this.#place;
    this.#place.setCurrent(
      currentTask(this.#context, this.#spec, { folder: this.#folder, card: this.#cards?.main, say: (line) => output.say(line) }),
    );
  }

  async #execute({ flow }: FlowInstance, writer: ArtifactWriter): Promise<StepEnd> {
    const method: unknown = Reflect.get(flow, this.#step.name);
    if (typeof method !== "function") throw new Error(`${this.#step.name} is no method`);
    const args = this.#arguments();
    const { clock, guard } = this.#place;
    const { inspect } = this.#spec;
    const stopped = inspect === undefined ? undefined : await stopUnderDebugger(inspect, method);
    try {
      return await withTimeLimit(clock, this.#spec.timeoutMs, async () => {
        const returned = await guard.watch<unknown>(() => Reflect.apply(method, flow, args));
        if (types.isGeneratorObject(returned))
          throw new MillraceError("step-is-generator", { step: this.#step.name }, { position: this.#step.position });
        this.#clearCaught();
        if (this.#transition === undefined) throw new Error("the attempt has no instance");
        return this.#transition.settle(writer);
      });
    } finally {
      stopped?.[Symbol.dispose]();
    }
  }

  #arguments(): unknown[] {
    if (this.#spec.join !== undefined) return this.#step.takes === "inputs" ? [this.#joined().inputs] : [];
    return this.#step.takes === "item" ? [this.#items.innermost()] : [];
  }

  #joined(): JoinedBranches {
    if (this.#spec.join === undefined) throw new MillraceError("merge-outside-join", { step: this.#step.name });
    this.#branches ??= new JoinedBranches(this.#context, this.#spec, this.#items);
    return this.#branches;
  }

  /** The step failed for good and `@catchError` takes the failure as its result: nothing is set but `var`. */
  #catch({ flow }: FlowInstance): StepEnd {
    const failure = this.#spec.failure ?? { code: "exception", name: "Error", message: "unknown", frames: [] };
    const use = findDecorator(this.#step, "catchError");
    const name = option(use, "var", isString);
    if (name !== undefined) Reflect.set(flow, name, errorOf(failure));
    if (option(use, "print", isBoolean) ?? true) {
      this.#place.output.say([`caught ${failure.name}: ${failure.message}`, failure.codeFrame ?? []].flat().join("\n"));
    }
    return caughtEnd(this.#step);
  }

  /** `@catchError`'s artifact is undefined when there was no error. */
  #clearCaught(): void {
    const instance = this.#instance;
    const name = option(findDecorator(this.#step, "catchError"), "var", isString);
    if (instance !== undefined && name !== undefined && !instance.hasSet(name)) Reflect.set(instance.flow, name, undefined);
  }

  async #commit({ transition, items }: StepEnd, artifacts: RecordedArtifacts): Promise<AttemptReport> {
    this.#finishCards("done", { ...artifacts, next: transition, items });
    const printed = this.#keepOutput();
    const caught = this.#spec.mode === "catch" ? this.#spec.failure : undefined;
    const log = caught === undefined ? printed : await this.#withOutputBefore(printed);
    const record = this.#record("done", { ...artifacts, next: transition, items, caught, log });
    const json = JSON.stringify(record);
    this.#context.run.writeAttemptSync(record, json);
    // A process that runs the next task of a chain has its parent's record at hand.
    this.#context.records.remember(formatTaskRef(record.step, record.task), json);
    const { startedAt, finishedAt, label } = record;
    return {
      outcome: {
        status: "done",
        transition,
        startedAt,
        finishedAt,
        record: json,
        ...(label !== undefined && { label }),
        ...(caught !== undefined && { caught }),
      },
      printed: printed !== undefined,
    };
  }

  async #fail(error: unknown): Promise<AttemptReport> {
    const failure = this.#failureOf(error);
    const noRetry = this.#spec.retriesLeft > 0 && !(await this.#isWorthAnother(error, failure));
    const remains = this.#storeRemains();
    this.#finishCards("failed", { ...remains, failure });
    let printed: LogSummary | undefined;
    let json: string | undefined;
    try {
      printed = this.#keepOutput();
      const record = this.#record("failed", { ...remains, failure, ...(this.#spec.retriesLeft > 0 && { noRetry }), log: printed });
      json = JSON.stringify(record);
      this.#context.run.writeAttemptSync(record, json);
    } catch {
      // The store fails: the failure is told all the same, and the scheduler's side notes it.
      json = undefined;
    }
    const label = this.#label();
    return {
      outcome: {
        status: "failed",
        failure,
        startedAt: this.#startedAt,
        finishedAt: this.#place.clock.now(),
        noRetry,
        ...(json !== undefined && { record: json }),
        ...(label !== undefined && { label }),
      },
      printed: printed !== undefined,
      error,
    };
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof AttemptTimeout) return timeoutFailure(this.#step.name, error.timeoutMs);
    const { flow } = this.#context;
    const failure = placeFailure(failureFromError(error, { locator: flow.locator }), error, this.#step.name, flow);
    return this.#mask?.json(failure) ?? failure;
  }

  async #isWorthAnother(error: unknown, failure: Failure): Promise<boolean> {
    return askRetry(this.#context.flow, this.#step.name, error instanceof AttemptTimeout ? errorOf(failure) : error, this.#place.output);
  }

  #storeRemains(): RecordedArtifacts {
    if (this.#instance === undefined) return { artifacts: {}, inherited: {} };
    return storeRemains(this.#instance, this.#newWriter(), this.#context.run.store);
  }

  /** Before the output is kept, so that what the cards have to say of themselves stands in it. */
  #finishCards(status: AttemptRecord["status"], rest: AttemptYield): void {
    this.#cards?.finish(() => cardSubject(this.#context, this.#place.output, this.#record(status, rest)));
  }

  #keepOutput(): LogSummary | undefined {
    const { step, task, attempt, mode, maxLogBytes } = this.#spec;
    const output = this.#place.output.end(maxLogBytes);
    if (output === undefined) return undefined;
    const { stdoutBytes, stderrBytes, droppedBytes } = output;
    const log = formatLog(output.pieces);
    // What the failed attempt printed stands already.
    if (mode === "catch") this.#context.run.appendLogSync(step, task, attempt, log);
    else this.#context.run.writeLogSync(step, task, attempt, log);
    return { stdoutBytes, stderrBytes, ...(droppedBytes > 0 && { droppedBytes }) };
  }

  /** What is printed about a failure that is caught comes after what the failed attempt printed, in one log. */
  async #withOutputBefore(printed: LogSummary | undefined): Promise<LogSummary | undefined> {
    const { step, task, attempt } = this.#spec;
    const before = (await this.#context.run.failed(step, task, attempt))?.log;
    if (before === undefined || printed === undefined) return before ?? printed;
    return { ...before, stdoutBytes: before.stdoutBytes + printed.stdoutBytes, stderrBytes: before.stderrBytes + printed.stderrBytes };
  }

  #record(status: AttemptRecord["status"], rest: AttemptYield): AttemptRecord {
    return attemptRecord(this.#spec, {
      ...rest,
      status,
      startedAt: this.#startedAt,
      finishedAt: this.#place.clock.now(),
      host: HOST,
      pid: process.pid,
      label: this.#label(),
    });
  }

  #label(): string | undefined {
    const label = this.#items.label();
    return label === undefined ? undefined : (this.#mask?.text(label) ?? label);
  }
}
