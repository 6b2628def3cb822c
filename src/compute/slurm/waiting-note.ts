import type { ListedJob } from "./job-listing.js";

/** Waiting this long for a reason that usually passes is worth a word, milliseconds. */
const WONDER_MS = 15_000;
/** A reason counts once it has stood this long: the controller's first look often finds another than its next. */
const SETTLED_MS = 2_000;

/** Reasons that pass by themselves: worth a word only when they last. See squeue's manual page, JOB REASON CODES. */
const PASSING: Readonly<Record<string, string>> = {
  None: "waits to be looked at by the scheduler",
  Resources: "waits for nodes to become free",
  Priority: "waits behind jobs of higher priority",
  Cleaning: "waits for an earlier start of it to be cleaned up",
  Prolog: "waits for its node to be made ready",
  BeginTime: "waits for the time at which it may begin",
  JobArrayTaskLimit: "waits for other tasks of its array",
  Licenses: "waits for a licence",
  Reservation: "waits for its reservation",
  Dependency: "waits for another job",
};

const NODES_AWAY = "waits for nodes that are down, drained or reserved; “sinfo -R” says why";

/** Reasons that last until somebody does something. Some are words, some sentences. */
const LASTING: readonly (readonly [RegExp, string])[] = [
  [/^PartitionTimeLimit/, "asks for more time than its partition allows, and may wait for ever: give @slurm a shorter time or another partition"],
  [/^PartitionNodeLimit/, "asks for more nodes than its partition allows, and may wait for ever: ask for less, or another partition"],
  [/^PartitionConfig/, "asks for more than its partition has, and may wait for ever: ask for less, or another partition"],
  [/^PartitionDown/, "waits for its partition, which is down; “sinfo -s” lists those that are up"],
  [/^PartitionInactive/, "waits for its partition, which takes no jobs now; “sinfo -s” lists those that do"],
  [/^ReqNodeNotAvail|^Nodes.required.for.job.are.DOWN/i, NODES_AWAY],
  [/^NodeDown/, "waits for a node that is down; “sinfo -R” says why"],
  [/^BadConstraints/, "asks for something that no node has: look at its constraint, memory and GPUs"],
  [/^JobHeldUser/, "is held: “scontrol release” with its number lets it go on"],
  [/^JobHeldAdmin/, "is held by an administrator"],
  [
    /^JobHoldMaxRequeue|requeued.(?:in.)?held/i,
    "was started again too often, or could not be, and is held: “scontrol release” with its number lets it go on",
  ],
  [/^DependencyNeverSatisfied/, "waits for a job that will not succeed"],
  [/^InvalidAccount/, "names an account that may not be used: look at @slurm's account"],
  [/^InvalidQOS/, "names a quality of service that may not be used: look at @slurm's qos"],
  [/^AccountNotAllowed/, "names an account that may not use its partition"],
  [/^QOSNotAllowed/, "names a quality of service that may not use its partition"],
  // Sites limit what accounts and qualities of service may use at once; the reasons are many, and begin alike.
  [/^QOS.*Limit|^QOSMax|^QOSGrp/, "waits for a limit of its quality of service: enough of what runs under it has to end first"],
  [/^(?:Assoc|MaxJobs|MaxCpu|MaxNode|Grp)/, "waits for a limit of its account or user: enough of what runs under it has to end first"],
];

type WaitingJob = Pick<ListedJob, "id" | "reason" | "state" | "partition">;

interface Wait {
  readonly since: number;
  readonly reason: string;
  readonly reasonSince: number;
}

/** Since when jobs wait, and for what: so that a word is said once there is reason to wonder. */
export class WaitingNotes {
  readonly #now: () => number;
  readonly #waits = new Map<string, Wait>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Why a job waits, in words; undefined while there is no reason to wonder. */
  of(job: WaitingJob): string | undefined {
    const now = this.#now();
    const before = this.#waits.get(job.id);
    const reasonSince = before?.reason === job.reason ? before.reasonSince : now;
    const wait: Wait = { since: before?.since ?? now, reason: job.reason, reasonSince };
    this.#waits.set(job.id, wait);
    return waitingNote(job, { wondering: now - wait.since >= WONDER_MS, settled: now - wait.reasonSince >= SETTLED_MS });
  }

  /** The job waits no more. */
  forget(id: string): void {
    this.#waits.delete(id);
  }
}

/**
 * Why a job waits, in words; undefined while there is no reason to wonder.
 * @param wait.wondering It has waited so long that a reason which usually passes is worth a word.
 * @param wait.settled The reason has stood for a while.
 */
function waitingNote(
  { reason, state, partition }: WaitingJob,
  { wondering, settled }: { readonly wondering: boolean; readonly settled: boolean },
): string | undefined {
  const lasting = LASTING.find(([pattern]) => pattern.test(reason))?.[1];
  const text = (settled ? lasting : undefined) ?? (wondering ? (lasting ?? PASSING[reason] ?? "waits") : undefined);
  if (text === undefined) return undefined;
  const word = reason === "None" ? state : reason;
  // Slurm says the same of one array's tasks in sentences that differ, and that may name every node there is.
  const told = [...(lasting !== undefined && /\s/.test(word) ? [] : [word]), ...(partition === "" ? [] : [`partition ${partition}`])];
  return told.length === 0 ? text : `${text} (${told.join(", ")})`;
}
