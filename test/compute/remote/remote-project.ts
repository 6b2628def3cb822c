import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect } from "vitest";
import { REPOSITORY, type CommandResult, type RunningCommand } from "../../rig/command.js";
import { inTime, until } from "../../rig/condition.js";
import { Project, type Files, type ProjectOptions } from "../../rig/project.js";
import { Results } from "../../rig/results.js";

/** Runs the program instead of the command. */
const SHELL = 'node="$1"; shift 2; exec "$node" "$@"';

/** A project whose steps with @batch run as jobs of {@link ProcessEngine}. */
export class RemoteProject implements AsyncDisposable {
  readonly project: Project;
  readonly results: Results;
  readonly #program: string;

  private constructor(project: Project, program: string) {
    this.project = project;
    this.results = new Results(project);
    this.#program = program;
  }

  static async create(files: Files, options?: ProjectOptions): Promise<RemoteProject> {
    // Below dist/, where it finds this package and those that it needs.
    const program = join(REPOSITORY, "dist", `test-${randomUUID()}.mjs`);
    buildSync({
      entryPoints: [join(import.meta.dirname, "remote-run.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      logLevel: "error",
      define: { MILLRACE_VERSION: '"0.0.0"' },
    });
    return new RemoteProject(await Project.create(files, options), program);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
    return this.project.start([this.#program, ...args], { shell: SHELL, env });
  }

  async expectEnd(
    code: number,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly result: CommandResult; readonly command: RunningCommand }> {
    const command = this.start(args, env);
    const result = await inTime(`${args.join(" ")} ends`, command.result, () => command.output);
    expect(result.code, result.all).toBe(code);
    return { result, command };
  }

  /** Calls that started jobs: how many each. */
  get submissions(): readonly number[] {
    const file = this.project.path("jobs/calls");
    return existsSync(file) ? [...readFileSync(file, "utf8").matchAll(/submit (\d+)/g)].map(([, count]) => Number(count)) : [];
  }

  /** Resolves when the element of that number of a job has ended. */
  async ended(index: number): Promise<void> {
    const folder = readdirSync(this.project.path("jobs")).find((name) => name.endsWith(`.${index}`));
    if (folder === undefined) throw new Error(`no job has an element ${index}`);
    await until(`element ${index} ends`, () => existsSync(this.project.path("jobs", folder, "exit")));
  }

  /** Jobs stay in the queue, or nothing answers, until the answer is called. */
  async while(what: "hold" | "down"): Promise<() => Promise<void>> {
    await writeFile(this.project.path(what), "");
    return () => rm(this.project.path(what));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#program, { force: true });
    await this.project[Symbol.asyncDispose]();
  }
}
