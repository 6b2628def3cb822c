import { spawn } from "node:child_process";
import type { Environment } from "../../config/environment.js";
import { MillraceError } from "../../core/errors/millrace-error.js";

/** The commands of Slurm that millrace uses. */
export type SlurmCommand = "sbatch" | "squeue" | "scancel" | "scontrol" | "sacct";

/** How a command ended. */
export interface CommandAnswer {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Slurm's commands. */
export interface SlurmCommands {
  /** How many it has run. */
  readonly count: number;
  /**
   * @param input What the command reads from its stdin.
   * @throws MillraceError `slurm-missing`
   */
  run(command: SlurmCommand, args: readonly string[], input?: string): Promise<CommandAnswer>;
}

/** Slurm's own commands wait longer than this for a controller that does not answer, and again: then one had better ask later. Milliseconds. */
const PATIENCE_MS = 60_000;

/** The commands of this machine. */
export class LocalSlurmCommands implements SlurmCommands {
  readonly #environment: Environment;
  #count = 0;

  /** @param environment What the commands get; `sbatch` hands it on to the jobs. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get count(): number {
    return this.#count;
  }

  run(command: SlurmCommand, args: readonly string[], input = ""): Promise<CommandAnswer> {
    this.#count++;
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: "/", env: this.#environment, stdio: ["pipe", "pipe", "pipe"], timeout: PATIENCE_MS });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
      child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
      // A command that refuses its options does not read its stdin.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      child.once("error", (error) => reject(isMissing(error) ? new MillraceError("slurm-missing", { command }) : error));
      child.once("close", (code) =>
        resolve({ code, stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") }),
      );
    });
  }
}

function isMissing(error: Error): boolean {
  return "code" in error && error.code === "ENOENT";
}
