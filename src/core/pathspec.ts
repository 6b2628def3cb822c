import { MillraceError } from "./errors/millrace-error.js";
import { parseSpinId } from "./spin-id.js";
import { parseTaskId } from "./task-id.js";

/** `Flow/run[/step[/task[/artifact]]]`, in its parts. */
export interface Pathspec {
  readonly flow: string;
  /** A run id, that of a spin (`12-spin-1`), or `latest`. */
  readonly run?: string;
  readonly step?: string;
  readonly task?: string;
  readonly artifact?: string;
}

const NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const RUN = /^[1-9]\d*$/;

/**
 * Reads a pathspec.
 * @throws MillraceError `bad-pathspec` when the text is none.
 */
export function parsePathspec(text: string): Pathspec {
  const [flow, run, step, task, artifact, ...rest] = text.replace(/\/$/, "").split("/");
  const valid =
    flow !== undefined &&
    NAME.test(flow) &&
    (run === undefined || run === "latest" || RUN.test(run) || parseSpinId(run) !== undefined) &&
    (step === undefined || NAME.test(step)) &&
    (task === undefined || parseTaskId(task) !== undefined) &&
    (artifact === undefined || artifact !== "") &&
    rest.length === 0;
  if (!valid) throw new MillraceError("bad-pathspec", { pathspec: text });
  return {
    flow,
    ...(run !== undefined && { run }),
    ...(step !== undefined && { step }),
    ...(task !== undefined && { task }),
    ...(artifact !== undefined && { artifact }),
  };
}

export function formatPathspec(flow: string, run: string, step?: string, task?: string): string {
  return [flow, run, step, task].filter((part) => part !== undefined).join("/");
}
