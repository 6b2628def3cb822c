/** Every command in a few words, in the order of help. */
export const commandSummaries = {
  run: "start a run of a flow",
  resume: "go on from where a run broke",
  spin: "run one task again, on what it started from",
  check: "look for mistakes without running",
  show: "draw a flow's graph",
  runs: "list runs",
  status: "one run, step by step",
  logs: "what tasks printed",
  dump: "what tasks stored",
  diff: "how two runs differ",
  why: "why a task was reused or run again",
  package: "what travels with a flow to other machines",
  tag: "change or list a run's tags",
  card: "reports of tasks: look at one, get it, list them",
  gc: "drop runs, and data that no run refers to",
  batch: "list or end a run's jobs on AWS Batch",
  slurm: "list or end a run's jobs on Slurm",
  init: "make a small project that runs at once",
  doctor: "check that everything millrace needs is there",
  completion: "completion for your shell",
  help: "this list, or one command's help",
  version: "print the version",
} as const;

export type CommandName = keyof typeof commandSummaries;

export const commandNames = Object.keys(commandSummaries) as readonly CommandName[];

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(commandSummaries, word);
}
