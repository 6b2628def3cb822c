import { GUARDIAN_VARIABLE, JOB_VARIABLE } from "../../core/remote-job.js";
import { markLinesAfter, markLinesBefore } from "./end-marks.js";

/** The script's exit code where it finds no Node; a line on stderr that begins with `millrace: ` says more. */
export const NODE_MISSING = 94;

export interface JobScriptOptions {
  /** JavaScript that starts the task. */
  readonly boot: string;
  /** What it finds in the environment. */
  readonly job: string;
  /** Shell lines that come first: `module load node`. */
  readonly setup: readonly string[];
  /** Node's program on the nodes; absent: the first in PATH, else the one that this process runs on. */
  readonly node?: string;
  /** This process's own. */
  readonly execPath: string;
  /** Where the job prints to, and leaves a mark when it has ended. */
  readonly folder: string;
}

/** The script of a job, or of every task of an array: finds Node and hands over to it. */
export function jobScript({ boot, job, setup, node, execPath, folder }: JobScriptOptions): string {
  return [
    // Lines of one's own expect what a login has, such as the function “module”.
    setup.length > 0 ? "#!/bin/bash -l" : "#!/bin/sh",
    "# A task of millrace, or each of an array's: finds Node and hands over to the start script.",
    ...setup,
    ...(node === undefined ? [`node="$(command -v node)" || node=${quote(execPath)}`] : [`node=${quote(node)}`]),
    'command -v "$node" >/dev/null || {',
    '  echo "millrace: there is no Node on the node $(hostname): $node is not there." >&2',
    `  exit ${NODE_MISSING}`,
    "}",
    `export ${JOB_VARIABLE}=${quote(job)} ${GUARDIAN_VARIABLE}=$$`,
    ...markLinesBefore(folder, quote),
    `"$node" --input-type=module --eval ${quote(boot)}`,
    ...markLinesAfter,
    "",
  ].join("\n");
}

/** One word of a shell's. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
