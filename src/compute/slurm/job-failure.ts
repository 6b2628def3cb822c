import { BOOT_EXIT_CODE } from "../../core/remote-job.js";
import type { Failure } from "../../core/failure.js";
import { behindShell, signalName } from "./exit-code.js";
import type { ListedJob } from "./job-listing.js";
import { baseState } from "./job-state.js";
import { NODE_MISSING } from "./job-script.js";

/** The signal in the exit code of a job whose output files could not be opened on its node. */
const OUTPUT_UNOPENED = 53;

/** What the daemon that watches a job prints among the job's own output when the job uses too much memory; with the kernel's help it has no figures. */
const OVER_MEMORY = /^slurmstepd\S*: error: .*(?:exceeded (?:job )?memory limit(?: \((\d+) > (\d+)\))?|oom[_-]kill)/im;

/** What to do about exit codes of what goes before the task; a line of the job's stderr says which thing went wrong. */
const BEFORE_THE_TASK: Readonly<Record<number, string>> = {
  [NODE_MISSING]: 'Name Node\'s program with @slurm({ node: "/shared/node/bin/node" }), or load it with @slurm({ setup: ["module load nodejs"] }).',
  [BOOT_EXIT_CODE]:
    "Nodes need Node 20.19 or newer, and the datastore: a folder on a file system that they share with this machine, at the same path, or S3 with the same credentials.",
};

/**
 * What ended a job, in words; undefined when it ended by itself and well.
 * @param stderr The end of what the job has printed there.
 */
export function jobFailure(job: Pick<ListedJob, "id" | "state" | "reason" | "exit" | "node">, folder: string, stderr: string): Failure | undefined {
  const lastWords = ownWords(stderr);
  const { id } = job;
  const exit = job.exit && behindShell(job.exit);
  const where = job.node === "" ? "" : ` on ${job.node}`;
  switch (baseState(job.state)) {
    case "COMPLETED":
      return undefined;
    case "TIMEOUT":
      return failure("timeout", "TimeoutError", `Slurm ended the task's job ${id}${where}: it had reached its time limit.`, {
        hint: "Give it more with @slurm({ time: \"4h\" }); without one, the partition's default holds (“sinfo -o '%P %L'”).",
      });
    case "DEADLINE":
      return failure("timeout", "TimeoutError", `Slurm ended the task's job ${id}: its deadline had come.`);
    case "OUT_OF_MEMORY":
      return outOfMemory(id, where, stderr);
    case "CANCELLED":
      return failure("cancelled", "JobCancelled", `The task's job ${id} was cancelled${byWhom(job.state)}.`, {
        hint: "Somebody has ended it with scancel, or the cluster's rules did.",
      });
    case "NODE_FAIL":
      return failure("job-lost", "NodeFailed", `The node of the task's job ${id}${job.node === "" ? "" : `, ${job.node},`} failed.`, {
        hint: "@retry tries such tasks again.",
      });
    case "BOOT_FAIL":
    case "LAUNCH_FAILED":
    case "RECONFIG_FAIL":
      return failure("job-lost", "NodeFailed", `The node of the task's job ${id}${where} could not be started.`, {
        hint: "@retry tries such tasks again.",
      });
    case "PREEMPTED":
      return failure("job-lost", "JobPreempted", `The task's job ${id} had to make room${where} for one of higher priority.`, {
        hint: '@retry tries it again; with extra: ["--requeue"] Slurm does so itself, where the partition allows it.',
      });
    case "REVOKED":
      return failure("job-lost", "JobRevoked", `The task's job ${id} was given to another cluster of the federation.`);
    default:
      break;
  }
  if (OVER_MEMORY.test(stderr)) return outOfMemory(id, where, stderr);
  const hint = exit === undefined ? undefined : BEFORE_THE_TASK[exit.code];
  if (hint !== undefined && lastWords !== undefined) return failure("job-unstarted", "JobNotStarted", upperFirst(lastWords), { hint });
  if (exit?.signal === OUTPUT_UNOPENED) {
    return failure("job-unstarted", "JobNotStarted", `The task's job ${id} could not begin${where}: the node cannot write its output to ${folder}.`, {
      hint: "That folder has to be on a file system that login node and nodes share: name a datastore there, or, with one in S3, such a folder with the setting slurmLogs.",
    });
  }
  if (exit !== undefined && exit.signal !== 0) {
    const name = signalName(exit.signal);
    return failure("killed", "ProcessKilled", `The task's job ${id} was killed by ${name}${where}.`, {
      hint: HINTS[name] ?? "@retry tries such tasks again.",
    });
  }
  if (exit !== undefined && exit.code !== 0) {
    const message = lastWords === undefined ? `The task's job ${id} ended with exit code ${exit.code}${where}.` : upperFirst(lastWords);
    return failure("exited", "ProcessExited", message, {
      hint: "Look at the task's output for what ended it.",
    });
  }
  return failure(
    "job-lost",
    "JobFailed",
    `The task's job ${id} failed${where}: Slurm says ${[job.state, job.reason].filter((word) => word !== "None").join(", ")}.`,
    {
      hint: `“scontrol show job ${id}” tells more, for some minutes.`,
    },
  );
}

/** What to do about jobs that a signal has ended. */
const HINTS: Readonly<Record<string, string>> = {
  SIGKILL: "Nodes kill what uses up their memory: ask for more with @slurm({ memory }), or use less.",
  SIGTERM: "Somebody has sent it, with scancel --signal or by shutting down the node; @retry tries such tasks again.",
};

function outOfMemory(id: string, where: string, stderr: string): Failure {
  const [, used, limit] = OVER_MEMORY.exec(stderr) ?? [];
  const figures = used === undefined || limit === undefined ? "" : `: ${inMegabytes(used)} of ${inMegabytes(limit)} MB`;
  return failure("out-of-memory", "OutOfMemoryError", `The task's job ${id} used more memory than it had asked for${where}${figures}.`, {
    hint: "Ask for more with @slurm({ memory: 16000 }) (megabytes), or handle less at a time (foreach over smaller chunks).",
  });
}

function inMegabytes(bytes: string): number {
  return Math.round(Number(bytes) / 2 ** 20);
}

/** What the job's script, or what goes before the task, said last. */
function ownWords(stderr: string): string | undefined {
  return stderr
    .split("\n")
    .findLast((line) => line.startsWith("millrace: "))
    ?.slice("millrace: ".length);
}

/** sacct says `CANCELLED by 1000`. */
function byWhom(state: string): string {
  const uid = /by (\d+)/.exec(state)?.[1];
  return uid === undefined ? "" : ` by the user with id ${uid}`;
}

/** As a sentence begins; names and URLs stay as they are. */
function upperFirst(text: string): string {
  return /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function failure(code: string, name: string, message: string, more: { readonly hint?: string } = {}): Failure {
  return { code, name, message, ...more, frames: [] };
}
