import type { ListedJob } from "./job-listing.js";

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

/** Reasons that last until somebody does something. */
const LASTING: Readonly<Record<string, string>> = {
  PartitionTimeLimit: "asks for more time than its partition allows, and may wait for ever: give @slurm a shorter time or another partition",
  PartitionNodeLimit: "asks for more nodes than its partition allows, and may wait for ever: ask for less, or another partition",
  PartitionConfig: "asks for more than its partition has, and may wait for ever: ask for less, or another partition",
  PartitionDown: "waits for its partition, which is down",
  PartitionInactive: "waits for its partition, which takes no jobs now",
  ReqNodeNotAvail: "waits for nodes that are down, drained or reserved",
  NodeDown: "waits for a node that is down",
  BadConstraints: "asks for something that no node has: look at its constraint, memory and GPUs",
  JobHeldUser: "is held: scontrol release lets it go on",
  JobHeldAdmin: "is held by an administrator",
  JobHoldMaxRequeue: "was started again too often and is held",
  DependencyNeverSatisfied: "waits for a job that will not succeed",
  InvalidAccount: "names an account that may not be used: look at @slurm's account",
  InvalidQOS: "names a quality of service that may not be used: look at @slurm's qos",
  AccountNotAllowed: "names an account that may not use its partition",
  QOSNotAllowed: "names a quality of service that may not use its partition",
};

/**
 * Why a job waits, in words; undefined while there is no reason to wonder.
 * @param wondering It has waited so long that a reason which usually passes is worth a word.
 */
export function waitingNote({ reason, state, partition }: Pick<ListedJob, "reason" | "state" | "partition">, wondering: boolean): string | undefined {
  const text = LASTING[reason] ?? limitText(reason) ?? (wondering ? (PASSING[reason] ?? "waits") : undefined);
  if (text === undefined) return undefined;
  const word = reason === "None" ? state : reason;
  return `${text} (${word}${partition === "" ? "" : `, partition ${partition}`})`;
}

/** Sites limit what accounts and qualities of service may use at once; the reasons are many, and begin alike. */
function limitText(reason: string): string | undefined {
  if (/^QOS.*Limit|^QOSMax|^QOSGrp/.test(reason)) return "waits for a limit of its quality of service: enough of what runs under it has to end first";
  if (/^(?:Assoc|MaxJobs|MaxCpu|MaxNode|Grp)/.test(reason))
    return "waits for a limit of its account or user: enough of what runs under it has to end first";
  return undefined;
}
