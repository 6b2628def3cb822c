import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { inTime } from "../rig/condition.js";

/** A Node program that goes on beside others until it is disposed of. */
export class BackgroundProgram implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    /** What it has printed, line by line. */
    readonly lines: readonly string[],
  ) {}

  /** Starts it and waits for its first line. */
  static async start(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<BackgroundProgram> {
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`${args.join(" ")} ended at once`)));
    await inTime(`${args.join(" ")} says that it has started`, Promise.race([once(reader, "line"), ended]));
    return new BackgroundProgram(child, lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill();
    await ended;
  }
}
