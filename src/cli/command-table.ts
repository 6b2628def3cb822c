import type { Command } from "./command.js";
import type { CommandName } from "./command-summaries.js";

/** Every command; each is loaded when it is called. */
export const commandTable: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.js")).runCommand,
  resume: async () => (await import("./commands/resume.js")).resumeCommand,
  spin: async () => (await import("./commands/spin.js")).spinCommand,
  check: async () => (await import("./commands/check.js")).checkCommand,
  show: async () => (await import("./commands/show.js")).showCommand,
  runs: async () => (await import("./commands/runs.js")).runsCommand,
  status: async () => (await import("./commands/status.js")).statusCommand,
  logs: async () => (await import("./commands/logs.js")).logsCommand,
  dump: async () => (await import("./commands/dump.js")).dumpCommand,
  why: async () => (await import("./commands/why.js")).whyCommand,
  diff: async () => (await import("./commands/diff.js")).diffCommand,
  gc: async () => (await import("./commands/gc.js")).gcCommand,
  package: async () => (await import("./commands/package.js")).packageCommand,
  tag: async () => (await import("./commands/tag.js")).tagCommand,
  card: async () => (await import("./commands/card.js")).cardCommand,
  batch: async () => (await import("./commands/batch.js")).batchCommand,
  slurm: async () => (await import("./commands/slurm.js")).slurmCommand,
  init: async () => (await import("./commands/init.js")).initCommand,
  doctor: async () => (await import("./commands/doctor.js")).doctorCommand,
  completion: async () => (await import("./commands/completion.js")).completionCommand,
  help: async () => (await import("./commands/help.js")).helpCommand,
  version: async () => (await import("./commands/version.js")).versionCommand,
};
