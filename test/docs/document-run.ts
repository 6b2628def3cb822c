import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { readCodeBlocks, type CodeBlock } from "./code-block.js";
import { isExpected } from "./expected-output.js";
import { checkTypes } from "./type-check.js";
import { root, TemporaryProject } from "./temporary-project.js";

/**
 * Does what a document says, in a temporary project, from top to bottom:
 *
 * - a block with `file=name` is written to that file;
 * - each line of a `bash` block is run there; the last must end with exit code 0, or with that of `exit=1`, those before it with 0.
 *   With `background=name` the command stays at work until the document's end or another one of that name;
 * - a `text` block is what the `bash` block before it prints, both streams: see {@link isExpected} for its `…`;
 * - a `sh` block is a set-up that a reader does once (cloning, installing): its commands are not run, but must be of that kind.
 *
 * The TypeScript files that are there at the end are type-checked with the strictest settings.
 * @param document Path in the repository. A document in `examples/` has its folder in the project.
 * @throws Error that names the document and the line of the first block that is not as it says.
 */
export async function runDocument(document: string): Promise<void> {
  const port = await freePort();
  await using project = await TemporaryProject.create({ PORT: String(port), MILLRACE_RUN_SITE: `http://127.0.0.1:${port}` });
  if (document.startsWith("examples/")) await project.copy(dirname(document));

  const blocks = readCodeBlocks(await readFile(join(root, document), "utf8"));
  let output: string | undefined;
  for (const block of blocks) {
    const where = `${document}:${block.line}`;
    const { file } = block.attributes;
    if (file !== undefined) await project.write(file, block.text);
    else if (block.language === "bash") output = await runCommands(project, block, where);
    else if (block.language === "text") {
      if (output === undefined) throw new Error(`${where}: no command printed this`);
      if (!isExpected(block.text, output)) throw new Error(`${where}: the document shows\n${block.text}\nbut the commands before it printed\n${output}`);
      output = undefined;
    } else if (block.language === "sh") requireSetUp(block, where);
    else throw new Error(`${where}: a ${block.language || "plain"} block that no test executes; give it a file=, or make it bash, text or sh`);
  }

  const files = new Set(blocks.map((block) => block.attributes["file"] ?? "").filter((file) => file.endsWith(".ts")));
  await checkTypes(project, [...files], document);
}

async function runCommands(project: TemporaryProject, block: CodeBlock, where: string): Promise<string> {
  const { exit = "0", background } = block.attributes;
  const commands = block.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  if (background !== undefined) {
    const [node, ...args] = (commands[0] ?? "").split(" ");
    if (node !== "node" || commands.length !== 1) throw new Error(`${where}: in the background, one node command`);
    return project.start(background, args);
  }
  let output = "";
  for (const [index, command] of commands.entries()) {
    const result = await project.run(command);
    const expected = index === commands.length - 1 ? Number(exit) : 0;
    if (result.code !== expected) throw new Error(`${where}: ${command}\nended with ${result.code}, not ${expected}:\n${result.output}`);
    output += result.output;
  }
  return output;
}

function requireSetUp(block: CodeBlock, where: string): void {
  const lines = block.text.split("\n").filter(Boolean);
  const other = lines.find((line) => !/^(git clone|cd|npm (ci|install|link|test)|npm run (demo|build))\b/.test(line));
  if (other !== undefined) throw new Error(`${where}: “${other}” is no set-up; make the block bash, so that it is run`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
