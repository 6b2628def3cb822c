import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { RunningCommand, REPOSITORY, type CommandOptions, type CommandResult } from "./command.js";
import { inTime } from "./condition.js";
import { Gates } from "./gates.js";
import { killHard, MARK, markedProcesses, untilNoneLeft } from "./processes.js";
import { STEP_SIDE } from "./step-side.js";

/** Files of a project by their path. */
export type Files = Readonly<Record<string, string>>;

export interface ProjectOptions {
  /** The project's package.json beside `name` and `type`; `null` leaves the file out. */
  readonly manifest?: Readonly<Record<string, unknown>> | null;
  /** Packages of this repository that the project can import, beside `millrace` itself. */
  readonly packages?: readonly string[];
  /** False: `millrace` is not installed in the project. */
  readonly installed?: boolean;
  /** What its commands find in their environment beside the rig's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long its commands may take, milliseconds: longer when they wait for other machines. */
  readonly patienceMs?: number;
}

/**
 * A user's project in a temporary folder, in which the real command line runs with an environment of its own. Disposing of
 * it checks that no process is left, and removes the folder.
 */
export class Project implements AsyncDisposable {
  /** The project's folder, without symbolic links. */
  readonly root: string;
  readonly #home: string;
  readonly #mark = randomUUID();
  readonly #gates: Gates;
  readonly #patienceMs: number | undefined;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(home: string, gates: Gates, { env = {}, patienceMs }: ProjectOptions) {
    this.#home = home;
    this.#env = env;
    this.#patienceMs = patienceMs;
    this.root = join(home, "project");
    this.#gates = gates;
  }

  static async create(files: Files, options: ProjectOptions = {}): Promise<Project> {
    const home = await realpath(await mkdtemp(join(tmpdir(), "millrace-test-")));
    const project = new Project(home, await Gates.listen(), options);
    await mkdir(join(project.root, "node_modules"), { recursive: true });
    if (options.installed !== false) await symlink(REPOSITORY, join(project.root, "node_modules/millrace"), "junction");
    for (const name of options.packages ?? []) {
      await symlink(join(REPOSITORY, "node_modules", name), join(project.root, "node_modules", name), "junction");
    }
    const manifest = options.manifest === null ? {} : { "package.json": JSON.stringify({ name: "project", type: "module", ...options.manifest }) };
    await project.write({ "rig.ts": STEP_SIDE, ...manifest, ...files });
    return project;
  }

  get gates(): Gates {
    return this.#gates;
  }

  /** What every process of this project carries in its environment. */
  get mark(): string {
    return this.#mark;
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  async write(files: Files): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(this.path(name)), { recursive: true });
      await writeFile(this.path(name), content);
    }
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  /** Lines that steps noted, in order. */
  get ledger(): readonly string[] {
    const file = join(this.#home, "ledger");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  async clearLedger(): Promise<void> {
    await rm(join(this.#home, "ledger"), { force: true });
  }

  /** Starts `millrace ARGS` and hands it over at work. */
  start(args: readonly string[], options: CommandOptions = {}): RunningCommand {
    return new RunningCommand(args, { ...options, cwd: options.cwd ?? this.root, env: { ...this.environment, ...options.env } });
  }

  /** Runs `millrace ARGS` to its end. */
  async millrace(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const command = this.start(args, options);
    return inTime(`millrace ${args.join(" ")} ends`, command.result, () => `output: ${command.output}`, this.#patienceMs);
  }

  /** Runs `millrace ARGS`, which must end with the exit code; the failure shows its output. */
  async expectMillrace(code: number, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const result = await this.millrace(args, options);
    expect(result.code, `millrace ${args.join(" ")} (${result.signal ?? "no signal"}):\n${result.all}`).toBe(code);
    return result;
  }

  /** Process ids of this project that live now. */
  get processes(): readonly number[] {
    return markedProcesses(this.#mark).map((process) => process.pid);
  }

  async untilNoneLeft(): Promise<void> {
    await untilNoneLeft(this.#mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.untilNoneLeft();
    } finally {
      for (const pid of this.processes) killHard(pid);
      await this.#gates[Symbol.asyncDispose]();
      await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** What commands find in their environment: of the test runner's own, nothing but what a shell needs. */
  get environment(): NodeJS.ProcessEnv {
    const keep = ["PATH", "SystemRoot", "ComSpec", "PATHEXT", "TEMP", "TMP", "TMPDIR"];
    return {
      ...Object.fromEntries(keep.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined)),
      HOME: this.#home,
      USERPROFILE: this.#home,
      MILLRACE_USER: "tester",
      NO_COLOR: "1",
      // No test opens a window.
      BROWSER: "none",
      [MARK]: this.#mark,
      RIG_LEDGER: join(this.#home, "ledger"),
      RIG_GATES: String(this.#gates.port),
      ...this.#env,
    };
  }
}
