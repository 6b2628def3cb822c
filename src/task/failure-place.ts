import { codeFrame } from "../bundle/code-frame.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { Failure } from "../core/failure.js";
import type { SourcePosition } from "../core/source-position.js";
import { describeFlow } from "../graph/describe-flow.js";
import type { LoadedFlow } from "./loaded-flow.js";

/**
 * Says where in the source a failure belongs that has no frames of the user's: what millrace finds after the step has
 * returned (a value that cannot be stored, a fan-out too wide) was not thrown by any line of it.
 */
export function placeFailure(failure: Failure, error: unknown, step: string, flow: LoadedFlow): Failure {
  if (failure.frames.length > 0 || !isMillraceError(error)) return failure;
  const position = findPlace(error, step, flow);
  if (position === undefined) return failure;
  const source = flow.locator.sourceOf(position.file);
  const frame = source === undefined ? undefined : codeFrame(source, position.line, position.column);
  return { ...failure, frames: [{ function: `${flow.flowClass.name}.${step}`, ...position }], ...(frame !== undefined && { codeFrame: frame }) };
}

function findPlace(
  error: Error & { readonly code: string; readonly parameters: object },
  step: string,
  { flowClass, locator }: LoadedFlow,
): SourcePosition | undefined {
  const { steps } = describeFlow(flowClass, (text, offset) => locator.locateInClass(text, offset));
  const definition = steps.find(({ name }) => name === step);
  if (definition === undefined) return undefined;
  const path = "path" in error.parameters ? String(error.parameters.path) : "";
  const field = /^this\.([\w$]+)/.exec(path)?.[1];
  if (field !== undefined) return definition.setAt[field] ?? definition.position;
  const fanOut = definition.transitions.find(({ kind }) => kind === "foreach");
  return (error.code.startsWith("foreach-") || path.startsWith("foreach") ? fanOut?.position : undefined) ?? definition.position;
}
