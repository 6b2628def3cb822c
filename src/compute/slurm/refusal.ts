/** What Slurm's commands say when the controller cannot be reached, or cannot take a job now: later it can. */
const PASSING =
  /unable to contact|connect failure|connection (?:refused|reset|timed out)|timed out|zero bytes|standby mode|temporarily|try again|not responding|MaxSubmitJob|protocol authentication error|munge encode failed/i;

/** Such an answer does not say whether a job was taken. */
const AMBIGUOUS = /timed out|zero bytes|connection reset/i;

/** What sbatch says of options that it does not take, each with what to do about it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/invalid partition/i, "“sinfo -s” lists the partitions; give @slurm({ partition }) one of them, or leave it out for the cluster's default."],
  [
    /partition not available/i,
    "Its partition takes no jobs now: “sinfo -s” lists those that do. Choose another with @slurm({ partition }), or wait.",
  ],
  [/invalid account|account\/partition combination/i, "“sacctmgr show assoc user=$USER” lists your accounts; give @slurm({ account }) one of them."],
  [/qos/i, "“sacctmgr show assoc user=$USER format=account,qos” lists what you may use; give @slurm({ qos }) one of them."],
  [/feature|constraint/i, "“sinfo -o '%n %f'” lists the features of nodes; give @slurm({ constraint }) some of them."],
  [/gres|gpu/i, "“sinfo -o '%n %G'” lists the GPUs of nodes; where they need a type, say it with extra: [\"--gres=gpu:a100:1\"] and leave gpu out."],
  [/--time|time limit/i, "“sinfo -o '%P %l'” lists the partitions' limits; give @slurm({ time }) less, or another partition."],
  [/memory/i, "“sinfo -o '%P %m'” lists the nodes' memory in MB; ask for less, or leave memory out for the cluster's default."],
  [
    /node configuration|node count|cpu/i,
    "“sinfo -o '%P %D %c %m'” lists what nodes have: processors and memory; ask for less, or for another partition.",
  ],
  [
    /unrecognized option|invalid option|requires an argument|ambiguous/i,
    "Look at @slurm({ extra }): each entry is one option as sbatch takes it, its value joined on with “=”.",
  ],
  [/policy|limit/i, "The cluster's rules are stricter: ask for less time or fewer resources, or ask who runs it."],
];

/** What is asked for is more than nodes have, or more than those have that are at work now: the answer is the same. */
export function isAboutNodes(stderr: string): boolean {
  return /node configuration is not available/i.test(stderr);
}

/** Whether some of the nodes that sinfo lists, a state a line, take no jobs now. A mark behind a state tells more of it: `idle*` does not answer. */
export function hasNodesAway(states: string): boolean {
  return states
    .split("\n")
    .map((line) => line.trim())
    .some((state) => state !== "" && !/^(?:idle|mix|alloc|comp|plnd)[^*]?$/.test(state));
}

/** What a command printed on stderr, as one sentence's worth. */
export function said(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.replace(/^\w+: (?:(?:error|fatal): )?/, "").trim())
    .filter((line) => line !== "" && !/^Try "|^usage:/i.test(line));
  return [...new Set(lines)].join("; ");
}

/** Trying again may help. */
export function isPassing(stderr: string): boolean {
  return PASSING.test(stderr);
}

/** The job may have been taken all the same. */
export function isAmbiguous(stderr: string): boolean {
  return AMBIGUOUS.test(stderr);
}

/** What to do about what sbatch does not take; undefined for an answer that does not come from the job's options. */
export function adviceOn(stderr: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(stderr))?.[1];
}
