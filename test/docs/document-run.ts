import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../rig/command.js";
import type { Project } from "../rig/project.js";
import { BackgroundProgram } from "./background-program.js";
import { readCodeBlocks, type CodeBlock } from "./code-block.js";
import { createProject } from "./documented-project.js";
import { correct } from "./corrected-output.js";
import { inShort, isExpected } from "./expected-output.js";
import { checkTypes } from "./type-check.js";
import { otherProgram } from "./other-program.js";

/**
 * Does what a document says, in a project of its own, from top to bottom:
 *
 * - a block with `file=name` is written to that file; a `diff` block with `file=name` is an edit of it, and a block with `in=name` a part of it;
 * - each line of a `bash` block, `npx millrace …` (or `npx vitest …`, `node …`), is run; the last must end with exit code 0, or with that of `exit=1`, those before it with 0.
 *   With `background=name` the line is `node …`, and stays at work until the document's end or another one of that name;
 * - a `text` block is what the `bash` block before it printed, in short (see {@link inShort}), with `…` for what differs (see {@link isExpected});
 * - a `sh` block is what a reader does once (cloning, installing): it is not run, but must be of that kind.
 *
 * The TypeScript files that are there at the end are type-checked with the strictest settings.
 * @param path The document's, in the repository. A document in `examples/` has its folder in the project.
 * @param options.update Corrects the outputs that the document shows, instead of failing.
 * @param options.env What its commands find in their environment beside the rig's own.
 * @throws Error that names the document and the line of the first block that is not as it says.
 */
export async function runDocument(path: string, options: DocumentOptions): Promise<void> {
  await using run = await DocumentRun.start(path, options);
  const lines = (await readFile(join(REPOSITORY, path), "utf8")).split("\n");
  for (const block of readCodeBlocks(lines.join("\n"))) await run.execute(block);
  await run.checkTypes();
  if (run.corrections.length === 0) return;
  for (const { block, text } of run.corrections.toReversed()) {
    lines.splice(block.line, block.text.split("\n").length - 1, ...text.trimEnd().split("\n"));
  }
  await writeFile(join(REPOSITORY, path), lines.join("\n"));
}

export interface DocumentOptions {
  readonly update: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

class DocumentRun implements AsyncDisposable {
  /** Blocks that show something else than was printed. */
  readonly corrections: { readonly block: CodeBlock; readonly text: string }[] = [];
  readonly #programs = new Map<string, BackgroundProgram>();
  readonly #written = new Set<string>();
  /** What the last commands printed, until a block shows it. */
  #printed: string | undefined;

  private constructor(
    private readonly path: string,
    private readonly project: Project,
    /** A free port for a server of the document's, which reads it as PORT. */
    private readonly port: number,
    private readonly update: boolean,
  ) {}

  static async start(path: string, { update, env }: DocumentOptions): Promise<DocumentRun> {
    return new DocumentRun(path, await createProject(path.startsWith("examples/") ? [dirname(path)] : [], env), await freePort(), update);
  }

  async execute(block: CodeBlock): Promise<void> {
    try {
      await this.#execute(block);
    } catch (error) {
      if (error instanceof Error) error.message = `${this.path}:${block.line}: ${error.message}`;
      throw error;
    }
  }

  checkTypes(): Promise<void> {
    return checkTypes(
      this.project,
      [...this.#written].filter((file) => file.endsWith(".ts")),
      this.path,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program[Symbol.asyncDispose]();
    await this.project[Symbol.asyncDispose]();
  }

  async #execute(block: CodeBlock): Promise<void> {
    const { file, in: whole, background } = block.attributes;
    if (whole !== undefined) this.#requirePart(block.text, await this.project.read(whole));
    else if (file !== undefined) await this.#write(file, block);
    else if (background !== undefined) await this.#startProgram(background, block);
    else if (block.language === "bash") await this.#runCommands(block);
    else if (block.language === "text") this.#comparePrinted(block);
    else if (block.language === "sh") requireSetUp(block.text);
    else throw new Error(`no test executes a ${block.language || "plain"} block: give it a file= or in=, or make it bash, text or sh`);
  }

  async #write(file: string, block: CodeBlock): Promise<void> {
    const text = block.language === "diff" ? edit(await this.project.read(file), block.text) : block.text;
    await this.project.write({ [file]: text });
    this.#written.add(file);
  }

  #requirePart(part: string, whole: string): void {
    const plain = (text: string) =>
      text
        .split("\n")
        .map((line) => line.trim())
        .join("\n");
    if (!plain(whole).includes(plain(part))) throw new Error("the file does not say this");
  }

  async #startProgram(name: string, block: CodeBlock): Promise<void> {
    await this.#programs.get(name)?.[Symbol.asyncDispose]();
    const [node, ...args] = readWords(block.text.trim());
    if (node !== "node") throw new Error("what goes on in the background must be one node command");
    const program = await BackgroundProgram.start(args, this.project.root, { PORT: String(this.port) });
    this.#programs.set(name, program);
    this.#printed = program.lines[0];
  }

  async #runCommands(block: CodeBlock): Promise<void> {
    const commands = block.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const outputs: string[] = [];
    for (const [index, command] of commands.entries()) {
      const words = readWords(command);
      const [npx, millrace, ...args] = words;
      const code = index === commands.length - 1 ? Number(block.attributes["exit"] ?? 0) : 0;
      if (npx !== "npx" || millrace !== "millrace") {
        const program = otherProgram(words, this.project.root, this.project.environment);
        if (program === undefined) throw new Error(`“${command}” is no npx millrace command`);
        outputs.push((await program(code)).replaceAll(this.project.root, "/home/you/project"));
        continue;
      }
      // One pipe for both streams, as on a terminal: what was printed first comes first.
      const env = { MILLRACE_RUN_SITE: `http://127.0.0.1:${this.port}`, npm_config_user_agent: "npm" };
      const { all } = await this.project.expectMillrace(code, args, { shell: 'exec "$@" 2>&1', env });
      outputs.push(inShort(all).replaceAll(this.project.root, "/home/you/project"));
    }
    this.#printed = outputs.join("");
  }

  #comparePrinted(block: CodeBlock): void {
    const printed = this.#printed;
    if (printed === undefined) throw new Error("no command printed this");
    if (!isExpected(block.text, printed)) {
      if (!this.update) throw new Error(`the document shows\n${block.text}\nbut the commands before it printed\n${printed}`);
      this.corrections.push({ block, text: correct(block.text, printed) });
    }
    this.#printed = undefined;
  }
}

/** The text after the edit that a diff shows. */
function edit(text: string, diff: string): string {
  const lines = diff.split("\n").slice(0, -1);
  const without = (mark: string) =>
    lines
      .filter((line) => !line.startsWith(mark))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const parts = text.split(without("+"));
  if (parts.length !== 2) throw new Error(`what it takes out stands in the file ${parts.length - 1} times`);
  return parts.join(without("-"));
}

/** A command's words; quotes keep spaces together. */
function readWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map(([word, single, double]) => single ?? double ?? word);
}

function requireSetUp(text: string): void {
  const other = text
    .split("\n")
    .find((line) => line !== "" && !/^(git clone|cd|npm (ci|install|test)|npm run (demo|build)|aws (s3|s3api|iam|batch))\b/.test(line));
  if (other !== undefined) throw new Error(`“${other}” is no set-up; make the block bash, so that it is run`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
