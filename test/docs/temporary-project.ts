import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** This repository. */
export const root = join(import.meta.dirname, "../..");

export interface CommandResult {
  readonly code: number | null;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/** A project of a user of millrace in a temporary folder: the repository's packages are installed there, and `millrace` is a command. */
export class TemporaryProject implements AsyncDisposable {
  readonly #background = new Map<string, ChildProcess>();

  private constructor(
    readonly folder: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param environment Variables for its commands, beside those of this process that are not millrace's own. */
  static async create(environment: Readonly<Record<string, string>> = {}): Promise<TemporaryProject> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "millrace-project-")));
    const project = new TemporaryProject(folder, environment);
    await project.write("package.json", `${JSON.stringify({ name: "my-project", private: true, type: "module" }, undefined, 2)}\n`);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    return project;
  }

  async write(file: string, text: string): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.folder, file), "utf8");
  }

  /** Brings a file or folder of the repository into the project, at the same place; what earlier runs left there stays behind. */
  async copy(path: string): Promise<void> {
    await cp(join(root, path), join(this.folder, path), { recursive: true, filter: (source) => !/[\\/](output|\.millrace)$/.test(source) });
  }

  /** Runs one line of a shell to its end. `npx millrace` is this repository's build. */
  async run(line: string): Promise<CommandResult> {
    const command = line.replace(/^(npx )?millrace\b/, () => `${quote(process.execPath)} ${quote(join(root, "dist/cli/bin.js"))}`);
    const child = spawn(`${command} 2>&1`, { cwd: this.folder, env: this.#env(), shell: true, stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }

  /** Runs millrace with the given arguments, and fails unless it ends with the given exit code. */
  async millrace(args: readonly string[], exitCode = 0): Promise<string> {
    const { code, output } = await this.run(["millrace", ...args.map(quote)].join(" "));
    if (code !== exitCode) throw new Error(`millrace ${args.join(" ")} ended with ${code}, not ${exitCode}:\n${output}`);
    return output;
  }

  /**
   * Starts a Node program that goes on beside later commands, in place of an earlier one of the same name.
   * @returns Its first line, once it is there.
   */
  async start(name: string, args: readonly string[], onLine: (line: string) => void = () => {}): Promise<string> {
    await this.stop(name);
    const child = spawn(process.execPath, args, { cwd: this.folder, env: this.#env(), stdio: ["ignore", "pipe", "inherit"] });
    this.#background.set(name, child);
    const lines = createInterface({ input: child.stdout });
    lines.on("line", onLine);
    const [first] = await Promise.race([
      once(lines, "line") as Promise<[string]>,
      once(child, "exit").then(() => Promise.reject(new Error(`${args.join(" ")} ended at once`))),
    ]);
    return first;
  }

  async stop(name: string): Promise<void> {
    const child = this.#background.get(name);
    this.#background.delete(name);
    if (child === undefined || child.exitCode !== null) return;
    child.kill();
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#background.keys()) await this.stop(name);
    await rm(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(MILLRACE_|VITEST|NODE_ENV$|FORCE_COLOR$|CI$)/.test(name));
    return { ...Object.fromEntries(own), ...this.environment };
  }
}

function quote(text: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(text)) return text;
  return process.platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
