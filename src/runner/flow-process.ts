import type { FlowDefinition } from "../core/definition.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { TaskProcessAnswer, TaskProcessRequest } from "../core/messages.js";
import type { StoreAddress } from "../core/store-address.js";
import type { TaskProcess } from "../compute/local/task-process.js";
import { refusal } from "./wire-error.js";

export type LoadRequest = Extract<TaskProcessRequest, { readonly type: "load" }> & { readonly exportName: string };
export type PrepareRequest = Extract<TaskProcessRequest, { readonly type: "prepare" }>;
export type Prepared = Extract<TaskProcessAnswer, { readonly type: "prepared" }>;

/** A flow's code in a task process: it can be asked what only the class itself can tell. */
export class FlowProcess {
  readonly process: TaskProcess;
  /** Loads the same class in further processes. */
  readonly load: LoadRequest;
  readonly definition: FlowDefinition;
  /** The flow's file, for messages. */
  readonly #file: string;

  private constructor(process: TaskProcess, file: string, load: LoadRequest, definition: FlowDefinition) {
    this.process = process;
    this.#file = file;
    this.load = load;
    this.definition = definition;
  }

  /**
   * Loads a bundle in a process.
   * @param exportName Which of its exports; absent: the default or only flow.
   * @throws what the flow's modules throw, and MillraceError `task-process-lost`.
   */
  static async start(process: TaskProcess, file: string, bundle: string, exportName: string | undefined): Promise<FlowProcess> {
    const answer = await process.request({ type: "load", bundle, describe: true, ...(exportName !== undefined && { exportName }) });
    if (answer?.type === "refused") throw refusal(answer);
    if (answer?.type !== "loaded" || answer.definition === undefined || answer.exportName === undefined) throw await lost(process, file);
    return new FlowProcess(process, file, { type: "load", bundle, describe: true, exportName: answer.exportName }, answer.definition);
  }

  /**
   * Settles what a run starts with: its parameters, and the values of the class's field initialisers.
   * @throws MillraceError for bad parameters, AggregateError for several.
   */
  async prepare(store: StoreAddress, flowDir: string, what: Pick<PrepareRequest, "given" | "kept" | "keptInitial">): Promise<Prepared> {
    const answer = await this.process.request({ type: "prepare", store, flowDir, ...what });
    if (answer?.type === "prepared") return answer;
    if (answer?.type === "refused") throw refusal(answer);
    throw await lost(this.process, this.#file);
  }

  /** What the flow's modules and initialisers have printed since the last time. */
  readPrinted(): string {
    return [...this.process.stdout.readRest(), ...this.process.stderr.readRest()].join("");
  }
}

async function lost(process: TaskProcess, file: string): Promise<MillraceError> {
  const { code, signal } = await process.exited;
  const printed = process.lastWords.trim();
  const how = `${signal ?? `exit code ${code}`}${printed === "" ? "" : `, after printing: ${printed.slice(-2000)}`}`;
  return new MillraceError("task-process-lost", { file, how });
}
