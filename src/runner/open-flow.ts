import { join } from "node:path";
import type { OpenEngine } from "../compute/open-engine.js";
import type { Environment } from "../config/environment.js";
import type { StoreAddress } from "../core/store-address.js";
import { LocalPool } from "../compute/local/local-pool.js";
import { Datastore } from "../datastore/datastore.js";
import type { ObjectStore } from "../store/object-store.js";
import { openStore } from "../store/open-store.js";
import { bundleCode, recordedCode, type FlowCode } from "./flow-code.js";
import { FlowProcess } from "./flow-process.js";
import { LoadedSession } from "./flow-session.js";
import { taskEntry, type CodePlace } from "./installation.js";
import type { FlowSession } from "./run-request.js";

export interface OpenFlowOptions extends CodePlace {
  /** The flow's file, absolute. */
  readonly file: string;
  /** Which of its exports; absent: the default or only flow. */
  readonly exportName?: string;
  readonly datastore: StoreAddress;
  /** `--with`, as given. */
  readonly with: readonly string[];
  readonly maxWorkers: number;
  /** The folder that steps work in, absolute. */
  readonly cwd: string;
  /** What task processes find in their environment. */
  readonly env: Environment;
  /** Opens what runs steps on other machines; absent: as their decorators say. */
  readonly openEngine?: OpenEngine;
}

/**
 * Bundles a flow's file and loads it in a first task process, both at once as far as they can be.
 * @throws MillraceError for files that do not bundle or load, AggregateError for several errors.
 */
export async function openFlow(options: OpenFlowOptions): Promise<FlowSession> {
  return open(options, await openStore(options.datastore), () => bundleCode(options.file, options), options.exportName);
}

export interface OpenRunOptions extends Omit<OpenFlowOptions, "file" | "exportName"> {
  /** The run whose recorded code is loaded. */
  readonly flow: string;
  readonly run: string;
}

/** Loads the code that a run recorded; no checkout is needed, only the packages it imports. */
export async function openRecordedFlow(options: OpenRunOptions): Promise<FlowSession> {
  const store = await openStore(options.datastore);
  const { record } = await new Datastore(store).openRun(options.flow, options.run);
  const file = join(options.projectRoot, record.code.file);
  return open({ ...options, file }, store, () => recordedCode(store, record, options), record.code.exportName);
}

async function open(
  options: OpenFlowOptions,
  store: ObjectStore,
  load: () => Promise<FlowCode>,
  exportName: string | undefined,
): Promise<FlowSession> {
  const pool = new LocalPool({ entry: taskEntry(), cwd: options.cwd, env: options.env, maxWorkers: options.maxWorkers });
  try {
    const task = pool.startProcess();
    const code = await load();
    return new LoadedSession({ options, store, pool, code, flow: await FlowProcess.start(task, options.file, code.bundle, exportName) });
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}
