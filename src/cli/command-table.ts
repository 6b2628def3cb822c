import type { Command } from "./command.js";

/** A command before it is loaded: what `millrace help` shows of it. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, in the order of help. Each is loaded when it is called. */
export const commandTable = {
  run: { summary: "start a run of a flow", load: async () => (await import("./commands/run.js")).runCommand },
  resume: { summary: "go on from where a run broke", load: async () => (await import("./commands/resume.js")).resumeCommand },
  check: { summary: "look for mistakes without running", load: async () => (await import("./commands/check.js")).checkCommand },
  show: { summary: "draw a flow's graph", load: async () => (await import("./commands/show.js")).showCommand },
  runs: { summary: "list runs", load: async () => (await import("./commands/runs.js")).runsCommand },
  status: { summary: "one run, step by step", load: async () => (await import("./commands/status.js")).statusCommand },
  logs: { summary: "what tasks printed", load: async () => (await import("./commands/logs.js")).logsCommand },
  dump: { summary: "what tasks stored", load: async () => (await import("./commands/dump.js")).dumpCommand },
  init: { summary: "make a small project that runs at once", load: async () => (await import("./commands/init.js")).initCommand },
  doctor: { summary: "check that everything millrace needs is there", load: async () => (await import("./commands/doctor.js")).doctorCommand },
  completion: { summary: "completion for your shell", load: async () => (await import("./commands/completion.js")).completionCommand },
  help: { summary: "this list, or one command's help", load: async () => (await import("./commands/help.js")).helpCommand },
  version: { summary: "print the version", load: async () => (await import("./commands/version.js")).versionCommand },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof commandTable;

export const commandNames = Object.keys(commandTable) as readonly CommandName[];

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(commandTable, word);
}
