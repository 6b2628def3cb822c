import { TemporaryProject } from "../docs/temporary-project.js";

/** What `status --json` says of one task. */
export interface TaskStatus {
  readonly pathspec: string;
  readonly status: string;
  readonly attempt: number;
  readonly reused: boolean;
}

/** One example in a project of its own, with no runs yet. */
export class ExampleProject implements AsyncDisposable {
  readonly flow: string;

  private constructor(
    readonly name: string,
    readonly project: TemporaryProject,
  ) {
    this.flow = `examples/${name}/flow.ts`;
  }

  static async open(name: string): Promise<ExampleProject> {
    const project = await TemporaryProject.create();
    await project.copy(`examples/${name}`);
    return new ExampleProject(name, project);
  }

  /** Runs the example's flow. */
  run(args: readonly string[] = [], exitCode = 0): Promise<string> {
    return this.project.millrace(["run", this.flow, ...args], exitCode);
  }

  resume(args: readonly string[] = [], exitCode = 0): Promise<string> {
    return this.project.millrace(["resume", this.flow, ...args], exitCode);
  }

  /** The artifacts of a task, `Flow/run/step/task`. */
  async artifacts(pathspec: string): Promise<Readonly<Record<string, unknown>>> {
    const tasks: Record<string, Record<string, unknown>> = JSON.parse(await this.project.millrace(["dump", pathspec, "--json"]));
    const [only, ...others] = Object.values(tasks);
    if (only === undefined || others.length > 0) throw new Error(`${pathspec} is not one task but ${Object.keys(tasks).join(", ") || "none"}`);
    return only;
  }

  async tasks(run: string): Promise<readonly TaskStatus[]> {
    const status: { readonly tasks: readonly TaskStatus[] } = JSON.parse(await this.project.millrace(["status", run, "--json"]));
    return status.tasks;
  }

  /** A file of the example. */
  read(file: string): Promise<string> {
    return this.project.read(`examples/${this.name}/${file}`);
  }

  /** Edits a file of the example as a user would. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not say “${from}”`);
    await this.project.write(`examples/${this.name}/${file}`, text.replace(from, to));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.project[Symbol.asyncDispose]();
  }
}
