import { dirname } from "node:path";
import { findFlowFile } from "../bundle/flow-file.js";
import { loadFlow } from "../bundle/flow-loading.js";
import { createLocator } from "../bundle/locator.js";
import { findProjectRoot } from "../bundle/project-root.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { FlowDefinition } from "../core/definition.js";
import type { Graph } from "../core/graph.js";
import { isFlowClass, type FlowClass } from "../flow/flow-class.js";
import { flowMetadata } from "../flow/flow-metadata.js";
import { buildGraph } from "../graph/build-graph.js";
import { describeFlow } from "../graph/describe-flow.js";
import { bundleCode } from "../runner/flow-code.js";
import type { LoadedFlow } from "../task/loaded-flow.js";
import { unplaced } from "./unplaced.js";

/** A flow that a test runs: its class, read and checked. */
export interface TestedFlow {
  readonly loaded: LoadedFlow;
  readonly definition: FlowDefinition;
  readonly graph: Graph;
  /** The folder of its file; undefined when only the class is known. */
  readonly folder: string | undefined;
}

/**
 * Reads a flow's class, or bundles and loads the file that has it.
 * @throws MillraceError `not-a-flow`, `flow-problems`, `flow-construction-failed`, and those of files that do not load.
 */
export async function openTestedFlow(flow: unknown): Promise<TestedFlow> {
  if (typeof flow === "string") return openFile(flow);
  if (isFlowClass(flow)) return read({ flowClass: flow, metadata: flowMetadata(flow), locator: unplaced, exportName: "default" }, undefined);
  const what = typeof flow === "function" ? `the class ${flow.name}` : flow === null ? "null" : `what is of type ${typeof flow}`;
  throw new MillraceError("not-a-flow", { what, otherCopy: extendsSome(flow, "FlowSpec") });
}

async function openFile(path: string): Promise<TestedFlow> {
  const { file, exportName } = findFlowFile(path, process.cwd());
  const folder = dirname(file);
  const { bundle } = await bundleCode(file, { projectRoot: findProjectRoot(folder) });
  const locator = createLocator(bundle);
  const found = await loadFlow<FlowClass>(bundle, { isFlowClass, locator, ...(exportName !== undefined && { exportName }) });
  return read({ ...found, metadata: flowMetadata(found.flowClass), locator }, folder);
}

const known = new WeakMap<FlowClass, TestedFlow>();

function read(loaded: LoadedFlow, folder: string | undefined): TestedFlow {
  const { flowClass, locator } = loaded;
  const before = known.get(flowClass);
  if (before !== undefined) return before;
  const definition = describeFlow(
    flowClass,
    (classText, offset) => locator.locateInClass(classText, offset),
    (file) => locator.sourceOf(file),
  );
  const { graph, problems } = buildGraph(definition);
  if (graph === undefined) throw new MillraceError("flow-problems", { flow: definition.name, problems });
  const flow = { loaded, definition, graph, folder };
  known.set(flowClass, flow);
  return flow;
}

/** A base class of that name, whoever's it is. */
function extendsSome(flow: unknown, name: string): boolean {
  for (let at: unknown = flow; typeof at === "function"; at = Object.getPrototypeOf(at)) if (at.name === name && at !== flow) return true;
  return false;
}
