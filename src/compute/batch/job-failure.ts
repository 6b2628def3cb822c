import type { Failure } from "../../core/failure.js";

/** What AWS Batch says of a job that has ended. */
export interface EndedJob {
  readonly status: "SUCCEEDED" | "FAILED";
  /** Of the job: `Essential container in task exited`, `Host EC2 (instance i-…) terminated.` */
  readonly statusReason: string | undefined;
  /** Of its container: `OutOfMemoryError: Container killed due to memory usage`. */
  readonly reason: string | undefined;
  readonly exitCode: number | undefined;
}

interface Kind {
  readonly pattern: RegExp;
  readonly code: string;
  readonly name: string;
  readonly message: (words: string) => string;
  readonly hint: string;
}

const again = "@retry tries such tasks again.";

/** What AWS's words mean, the most telling first. */
const kinds: readonly Kind[] = [
  {
    pattern: /OutOfMemory/i,
    code: "out-of-memory",
    name: "OutOfMemoryError",
    message: () => "The task's container used more memory than it was given, and was killed.",
    hint: "Ask for more with @batch({ memory: 16000 }) or @resources({ memory: 16000 }) (megabytes), or handle less at a time.",
  },
  {
    pattern: /Host EC2.*terminated|Spot.*(?:interrupt|reclaim|terminat)|instance.*(?:reclaimed|interrupted)/i,
    code: "machine-lost",
    name: "MachineLost",
    message: (words) => `The machine of the task's job was taken away, as spot machines can be: ${words}`,
    hint: again,
  },
  {
    pattern: /CannotPull|pull.*image|image.*not found|manifest unknown|repository does not exist/i,
    code: "image-unavailable",
    name: "ImageUnavailable",
    message: (words) => `The task's container image cannot be had: ${words}`,
    hint: "Check the image's name (@batch({ image }), MILLRACE_BATCH_IMAGE), the rights of the execution role, and the way from the machines to the registry.",
  },
  {
    pattern: /CannotStartContainer|executable file not found|exec format error|CannotCreateContainer/i,
    code: "container-unstartable",
    name: "ContainerUnstartable",
    message: (words) => `The task's container could not be started: ${words}`,
    hint: "The image has to have node (20.19 or newer) on its PATH, for the machines' kind of processor.",
  },
  {
    pattern: /ResourceInitialization/i,
    code: "container-unstartable",
    name: "ContainerUnstartable",
    message: (words) => `The task's container could not be made ready: ${words}`,
    hint: "Most often the subnet has no way to the registry, the logs or the secrets, or the execution role may not use them.",
  },
  {
    pattern: /attempt duration exceeded timeout|exceeded the configured attemptDuration/i,
    code: "timeout",
    name: "TimeoutError",
    message: () => "The task's job took longer than AWS Batch was told it may.",
    hint: "Give it more time with @timeout, or find out what it waits for.",
  },
];

/** Why a job failed, in words; undefined when it did not. */
export function jobFailure(job: EndedJob): Failure | undefined {
  if (job.status === "SUCCEEDED") return undefined;
  const words = [job.reason, job.statusReason].filter((text) => text !== undefined && text !== "").join(" ");
  const kind = kinds.find(({ pattern }) => pattern.test(words));
  if (kind !== undefined) return failure(kind.code, kind.name, kind.message(sentence(words)), kind.hint);
  if (job.exitCode === 137) {
    return failure(
      "killed",
      "JobKilled",
      `The task's container was killed (exit code 137${said(words)}).`,
      `Most often its memory ran out: ask for more with @batch({ memory: 16000 }) (megabytes). Else ${again}`,
    );
  }
  if (job.exitCode !== undefined && job.exitCode !== 0) {
    return failure(
      "exited",
      "JobExited",
      `The task's container ended with exit code ${job.exitCode} and left no result${said(words)}.`,
      "Look at what it printed.",
    );
  }
  return failure("job-lost", "JobLost", `AWS Batch ended the task's job${words === "" ? ", and does not say why." : `: ${sentence(words)}`}`, again);
}

function said(words: string): string {
  return words === "" || /^Essential container in task exited\.?$/.test(words) ? "" : `: ${words.replace(/\.$/, "")}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function failure(code: string, name: string, message: string, hint: string): Failure {
  return { code, name, message, hint, frames: [] };
}
