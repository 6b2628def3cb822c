import { MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec, parsePathspec } from "../core/pathspec.js";
import { parseSpinId } from "../core/spin-id.js";
import type { SpinRequest } from "./run-request.js";

/** The task of an earlier run that `spin` is given. */
export type SpinTarget = Pick<SpinRequest, "originRun" | "step" | "task">;

/**
 * Reads `ScoreFlow/12/score/3`, and shorter: `12/score/3`, `score/3` of the newest run, and `score` when it has one task.
 * @param flow The name of the flow whose code runs.
 * @throws MillraceError `bad-pathspec`, `pathspec-too-long`, `pathspec-too-short`, `spin-other-flow`
 */
export function readSpinTarget(text: string, flow: string): SpinTarget {
  const [first = "", second] = text.split("/");
  const isWhole = namesTask(text) || (first === flow && second !== undefined && namesRun(second));
  const pathspec = parsePathspec(isWhole ? text : namesRun(first) ? `${flow}/${text}` : `${flow}/latest/${text}`);
  const { run = "latest", step, task, artifact } = pathspec;
  const example = formatPathspec(flow, run, step ?? "STEP", task);
  if (step === undefined) throw new MillraceError("pathspec-too-short", { pathspec: text, wanted: "step or task", example: `${example}/0` });
  if (artifact !== undefined) throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "task", example });
  if (pathspec.flow !== flow) throw new MillraceError("spin-other-flow", { pathspec: text, flow });
  return { originRun: run, step, ...(task !== undefined && { task }) };
}

/** A word that names a step or task with its flow and run, and so needs no flow's file. */
export function namesTask(word: string): boolean {
  const [flow, run, step] = word.split("/");
  return flow !== undefined && run !== undefined && step !== undefined && /^[\p{ID_Start}_$]/u.test(flow) && namesRun(run);
}

function namesRun(word: string): boolean {
  return word === "latest" || /^[1-9]\d*$/.test(word) || parseSpinId(word) !== undefined;
}
