import { expect, test } from "vitest";
import { jobFailure } from "../../../src/compute/slurm/job-failure.js";
import { adviceOn, hasNodesAway, isAboutNodes, isAmbiguous, isPassing, said } from "../../../src/compute/slurm/refusal.js";
import { WaitingNotes } from "../../../src/compute/slurm/waiting-note.js";

interface Ended {
  readonly state: string;
  readonly reason?: string;
  readonly exit?: readonly [code: number, signal: number];
  readonly stderr?: string;
}

const failureOf = ({ state, reason = "None", exit: [code, signal] = [0, 0], stderr = "" }: Ended) =>
  jobFailure({ id: "12_3", state, reason, exit: { code, signal }, node: "node7" }, "/shared/out", stderr);

test("a job that ended well has no failure", () => {
  expect(failureOf({ state: "COMPLETED" })).toBeUndefined();
});

test.each<[Ended, string, RegExp]>([
  [{ state: "TIMEOUT", reason: "TimeLimit", exit: [0, 15] }, "timeout", /job 12_3 on node7: it had reached its time limit/],
  [{ state: "DEADLINE" }, "timeout", /deadline/],
  [{ state: "OUT_OF_MEMORY", exit: [0, 125] }, "out-of-memory", /more memory than it had asked for on node7/],
  [{ state: "CANCELLED" }, "cancelled", /was cancelled\.$/],
  [{ state: "CANCELLED by 1000" }, "cancelled", /by the user with id 1000/],
  [{ state: "NODE_FAIL" }, "job-lost", /The node of the task's job 12_3, node7, failed/],
  [{ state: "BOOT_FAIL" }, "job-lost", /could not be started/],
  [{ state: "PREEMPTED" }, "job-lost", /make room on node7/],
  [{ state: "FAILED", reason: "NonZeroExitCode", exit: [3, 0] }, "exited", /exit code 3 on node7/],
  [{ state: "FAILED", reason: "JobLaunchFailure", exit: [0, 9] }, "killed", /killed by SIGKILL on node7/],
  [{ state: "FAILED", reason: "NonZeroExitCode", exit: [137, 0] }, "killed", /killed by SIGKILL on node7/],
  [{ state: "FAILED", reason: "NonZeroExitCode", exit: [143, 0] }, "killed", /killed by SIGTERM on node7/],
  [
    {
      state: "FAILED",
      exit: [0, 9],
      stderr: "slurmstepd-node7: error: StepId=12.batch exceeded memory limit (468283392 > 419430400), being killed\n",
    },
    "out-of-memory",
    /more memory than it had asked for on node7: 447 of 400 MB\.$/,
  ],
  [
    { state: "FAILED", exit: [0, 9], stderr: "slurmstepd: error: Detected 1 oom_kill event in StepId=12.batch.\n" },
    "out-of-memory",
    /more memory than it had asked for on node7\.$/,
  ],
  [{ state: "FAILED", reason: "NonZeroExitCode", exit: [200, 0] }, "exited", /exit code 200 on node7/],
  [{ state: "FAILED", reason: "JobLaunchFailure", exit: [15, 53] }, "job-unstarted", /cannot write its output to \/shared\/out/],
  [
    { state: "FAILED", exit: [94, 0], stderr: "noise\nmillrace: there is no Node on the node node7: node is not there." },
    "job-unstarted",
    /^There is no Node/,
  ],
  [{ state: "FAILED", exit: [97, 0], stderr: "millrace: /shared/x cannot be read\n" }, "job-unstarted", /^\/shared\/x cannot be read/],
  [{ state: "FAILED", reason: "BadConstraints", exit: [0, 0] }, "job-lost", /Slurm says FAILED, BadConstraints/],
])("%o", (ended, code, words) => {
  expect(failureOf(ended)).toMatchObject({ code, message: expect.stringMatching(words), frames: [] });
});

/** What is said of a job after it has been seen waiting for these reasons at these times. */
function notesOf(...looks: readonly (readonly [seconds: number, reason: string])[]): readonly (string | undefined)[] {
  let now = 0;
  const notes = new WaitingNotes(() => now);
  return looks.map(([seconds, reason]) => {
    now = seconds * 1000;
    return notes.of({ id: "12", state: "PENDING", partition: "main", reason });
  });
}

test("a job waits without a word at first, and for a passing reason only when it lasts", () => {
  expect(notesOf([0, "Priority"], [5, "Priority"], [16, "Priority"])).toEqual([
    undefined,
    undefined,
    "waits behind jobs of higher priority (Priority, partition main)",
  ]);
  expect(notesOf([0, "None"], [16, "None"])[1]).toContain("(PENDING, partition main)");
  expect(notesOf([0, "None"], [16, "SomethingNew"])[1]).toBe("waits (SomethingNew, partition main)");
});

test.each([
  ["PartitionTimeLimit", /shorter time/],
  ["PartitionDown", /sinfo -s/],
  ["QOSMaxJobsPerUserLimit", /quality of service/],
  ["QOSGrpCpuLimit", /quality of service/],
  ["AssocGrpCpuLimit", /account/],
  ["MaxJobsPerAccount", /account/],
  ["JobHeldUser", /scontrol release/],
  ["ReqNodeNotAvail, UnavailableNodes:node[1-3]", / \(partition main\)$/],
  ["Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions", /sinfo -R.* \(partition main\)$/],
  ["launch failed requeued held", /scontrol release/],
  ["node_configuring_requeued_held", /scontrol release.*\(node_configuring_requeued_held, partition main\)$/],
])("what may last is said as soon as it stands: %s", (reason, words) => {
  expect(notesOf([0, "PartitionConfig"], [1, reason], [2.5, reason], [3.5, reason])).toEqual([
    undefined,
    undefined,
    undefined,
    expect.stringMatching(words),
  ]);
});

test("a job that waits once more is looked at anew", () => {
  let now = 0;
  const notes = new WaitingNotes(() => now);
  const job = { id: "12", state: "PENDING", partition: "main", reason: "Priority" };
  notes.of(job);
  notes.forget("12");
  now = 20_000;
  expect(notes.of(job)).toBeUndefined();
});

test("nodes that take no jobs now are told from those that are busy", () => {
  expect(isAboutNodes("allocation failure: Requested node configuration is not available")).toBe(true);
  expect(["idle\nmix\nalloc\ncomp\n", "plnd", ""].map(hasNodesAway)).toEqual([false, false, false]);
  expect(["idle\ndrain\n", "down*\n", "idle*", "drng", "maint", "boot"].map(hasNodesAway)).toEqual([true, true, true, true, true, true]);
});

test("what a command says becomes one sentence", () => {
  expect(
    said("sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n"),
  ).toBe("invalid partition specified: nope; Batch job submission failed: Invalid partition name specified");
  expect(said("sbatch: unrecognized option '--foo'\nTry \"sbatch --help\" for more information\n")).toBe("unrecognized option '--foo'");
});

test.each([
  ["sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)", true, false],
  ["slurm_load_jobs error: Socket timed out on send/recv operation", true, true],
  ["sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received", true, true],
  ["sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy", true, false],
  ["sbatch: error: invalid partition specified: nope", false, false],
])("%s", (stderr, passing, ambiguous) => {
  expect([isPassing(stderr), isAmbiguous(stderr)]).toEqual([passing, ambiguous]);
});

test.each([
  ["invalid partition specified: nope", /sinfo -s/],
  ["Invalid account or account/partition combination specified", /account/],
  ["Invalid qos specification", /qos/],
  ["Invalid feature specification", /constraint/],
  ["Invalid generic resource (gres) specification", /--gres=gpu:a100:1/],
  ["Memory specification can not be satisfied", /memory/],
  ["Requested node configuration is not available", /ask for less/],
  ["unrecognized option '--foo'", /extra/],
])("what sbatch does not take comes with advice: %s", (stderr, words) => {
  expect(adviceOn(stderr)).toMatch(words);
});
