import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../src/core/run-event.js";
import { inTime } from "./condition.js";

/** The repository's root. */
export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** The built command line: what users run. */
export const BIN = join(REPOSITORY, "dist/cli/bin.js");

/** How a command ended. */
export interface CommandResult {
  readonly args: readonly string[];
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order their chunks came. */
  readonly all: string;
}

export interface CommandOptions {
  /** Working folder; the project's root when absent. */
  readonly cwd?: string;
  /** Added to the project's environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input, which is closed then. */
  readonly stdin?: string;
  /** A shell command that gets millrace's as "$@", to run it under limits: `ulimit -f 1; exec "$@"`. */
  readonly shell?: string;
  /** Numeric user id to run as. */
  readonly uid?: number;
}

/** A command at work. */
export class RunningCommand {
  readonly pid: number;
  /** Resolves when it has ended and its output is whole. */
  readonly result: Promise<CommandResult>;
  readonly #child: ChildProcess;
  readonly #chunks: { readonly stream: "stdout" | "stderr"; readonly text: string }[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], options: CommandOptions & { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    if (!existsSync(BIN)) throw new Error(`${BIN} is not there: run "npm run build" first`);
    const command = [process.execPath, BIN, ...args];
    const [file = "", ...rest] = options.shell === undefined ? command : ["sh", "-c", options.shell, "sh", ...command];
    this.#child = spawn(file, rest, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
      // Its own process group, so that a test can press Ctrl-C as a terminal does.
      detached: true,
      ...(options.uid !== undefined && { uid: options.uid }),
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin?.on("error", () => {});
    this.#child.stdin?.end(options.stdin ?? "");
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        this.#chunks.push({ stream, text });
        for (const watcher of this.#watchers) watcher();
      });
    }
    this.result = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) =>
        resolve({ args, code, signal, stdout: this.#text("stdout"), stderr: this.#text("stderr"), all: this.output }),
      );
    });
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#text();
  }

  /** The run events printed so far, for commands with `--json`. */
  get events(): readonly RunEvent[] {
    const lines = this.#text("stdout").split("\n").slice(0, -1);
    return lines.filter((line) => line !== "").map((line): RunEvent => JSON.parse(line));
  }

  /** Resolves when the output holds the text. */
  async printed(text: string): Promise<void> {
    await this.#seen(`the output holds “${text}”`, () => this.output.includes(text));
  }

  /** Resolves when an event of the type, of the task (`body/2`) if one is named, has been printed (with `--json`). */
  async event(type: RunEvent["type"], task?: string): Promise<void> {
    await this.#seen(`the event ${type} ${task ?? ""}`, () =>
      this.events.some((event) => event.type === type && (task === undefined || ("task" in event && event.task.pathspec.endsWith(`/${task}`)))),
    );
  }

  async #seen(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return;
    let watcher: (() => void) | undefined;
    const seen = new Promise<void>((resolve) => {
      watcher = () => condition() && resolve();
      this.#watchers.add(watcher);
    });
    try {
      await inTime(what, seen, () => `output: ${this.output}`);
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  /** Sends a signal to the command's own process. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal to its whole process group, as Ctrl-C on a terminal does. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  #text(stream?: "stdout" | "stderr"): string {
    return this.#chunks
      .filter((chunk) => stream === undefined || chunk.stream === stream)
      .map((chunk) => chunk.text)
      .join("");
  }
}
