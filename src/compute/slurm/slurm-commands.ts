import { spawn } from "node:child_process";
import type { Environment } from "../../config/environment.js";
import { MillraceError } from "../../core/errors/millrace-error.js";

/** The commands of Slurm that millrace uses. */
export type SlurmCommand = "sbatch" | "squeue" | "scancel" | "scontrol" | "sinfo" | "sacct";

/** How a command ended. */
export interface CommandAnswer {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Environment;
  readonly input?: string;
}

/** Runs Slurm's commands. */
export interface SlurmCommands {
  /**
   * @param options.env What the command finds in its environment; `sbatch` hands it on to the job.
   * @param options.input What it reads from its stdin.
   * @throws MillraceError `slurm-missing`
   */
  run(command: SlurmCommand, args: readonly string[], options: CommandOptions): Promise<CommandAnswer>;
}

/** Slurm's own commands wait longer than this for a controller that does not answer, and again: then one had better ask later. Milliseconds. */
const PATIENCE_MS = 60_000;

/** The commands of this machine. */
export class LocalSlurmCommands implements SlurmCommands {
  run(command: SlurmCommand, args: readonly string[], { env, input = "" }: CommandOptions): Promise<CommandAnswer> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: "/", env, stdio: ["pipe", "pipe", "pipe"], timeout: PATIENCE_MS });
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
