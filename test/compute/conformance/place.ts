/** A place where steps run, as the suite needs to know it. */
export interface Place {
  readonly name: string;
  /** What `millrace run` is told to run every step there. */
  readonly args: readonly string[];
  /** What commands need in their environment. */
  readonly env: NodeJS.ProcessEnv;
  /** `millrace slurm`: the command of its jobs. Absent: tasks are no jobs, and end with their scheduler. */
  readonly command?: string;
  /** One run after another: starting its jobs keeps the machine busy. */
  readonly isBusy?: true;
  /** While jobs run, what they print to stderr cannot be told from what they print to stdout. */
  readonly mixesStreams?: true;
  /** Jobs of the flow that wait or are at work. */
  jobs(flow: string): Promise<readonly string[]>;
}

/** The processes of this machine. */
export const localPlace: Place = { name: "local", args: [], env: {}, jobs: async () => [] };
