import { createProject } from "../docs/documented-project.js";
import type { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** One example in a project of its own, with no runs yet. */
export class ExampleProject implements AsyncDisposable {
  readonly results: Results;
  /** The flow's file. */
  readonly flow: string;

  private constructor(
    readonly name: string,
    readonly project: Project,
  ) {
    this.results = new Results(project);
    this.flow = `examples/${name}/flow.ts`;
  }

  static async open(name: string): Promise<ExampleProject> {
    return new ExampleProject(name, await createProject([`examples/${name}`]));
  }

  /** Runs the example's flow. */
  run(args: readonly string[] = [], exitCode = 0): Promise<string> {
    return this.#millrace("run", args, exitCode);
  }

  resume(args: readonly string[] = [], exitCode = 0): Promise<string> {
    return this.#millrace("resume", args, exitCode);
  }

  /** The artifacts of the run's last task. */
  async atEnd(run: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.results.dump(`${run}/end`))["end/0"] ?? {};
  }

  /** The tasks of the run, without flow and run: `score/3`. */
  async tasks(run: string, only: { readonly reused?: boolean; readonly status?: string } = {}): Promise<string[]> {
    const { tasks } = await this.results.status(run);
    return tasks
      .filter(({ reused, status }) => reused === (only.reused ?? reused) && status === (only.status ?? status))
      .map(({ pathspec }) => pathspec.split("/").slice(2).join("/"))
      .toSorted();
  }

  /** A file of the example. */
  read(file: string): Promise<string> {
    return this.project.read(`examples/${this.name}/${file}`);
  }

  /** Edits a file of the example as a user would. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not say “${from}”`);
    await this.project.write({ [`examples/${this.name}/${file}`]: text.replace(from, to) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.project[Symbol.asyncDispose]();
  }

  async #millrace(command: string, args: readonly string[], exitCode: number): Promise<string> {
    return (await this.project.expectMillrace(exitCode, [command, this.flow, ...args])).all;
  }
}
