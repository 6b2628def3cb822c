import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import { exitCodes } from "../command.js";
import { everywhere } from "../option.js";
import { projectFiles } from "../project-template.js";
import { shellWord } from "../../terminal/shell-words.js";
import { simpleCommand } from "../simple-command.js";

export const initCommand = simpleCommand({
  name: "init",
  usage: "[DIR]",
  description: "Makes a small project that runs at once: a flow with a parameter, a foreach and a join. Overwrites nothing.",
  options: everywhere,
  examples: [
    { command: "millrace init my-project", does: "in a new folder" },
    { command: "millrace init", does: "in this folder" },
  ],
  words: { least: 0, most: 1, what: "a folder" },

  async work({ words: [given = "."], host, screen }) {
    const folder = resolve(host.cwd, given);
    const files = projectFiles(packageName(folder));
    refuseToOverwrite(folder, given, [...files.keys()]);
    writeProject(folder, files);
    const { out, colors } = screen;
    out.write(`${colors.green("✓")} a new project is in ${given === "." ? "this folder" : given}:\n\n`);
    for (const file of files.keys()) out.write(`    ${file}\n`);
    out.write("\nNext:\n\n");
    for (const command of nextCommands(relative(host.cwd, folder))) out.write(`    ${colors.cyan(command)}\n`);
    return exitCodes.done;
  },
});

function nextCommands(folder: string): string[] {
  return [...(folder === "" ? [] : [`cd ${shellWord(folder)}`]), "npm install", "npx millrace run flow.ts"];
}

function refuseToOverwrite(folder: string, shown: string, files: readonly string[]): void {
  if (!existsSync(folder)) return;
  const present = new Set(readFolder(folder, shown));
  const taken = files.filter((file) => present.has(file));
  if (taken.length > 0) throw new MillraceError("init-occupied", { files: taken.join(", "), folder: shown === "." ? "this folder" : shown });
}

function readFolder(folder: string, shown: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new MillraceError("cannot-write", { file: shown, reason: messageOf(error) }, { cause: error });
  }
}

function writeProject(folder: string, files: ReadonlyMap<string, string>): void {
  let writing = folder;
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of files) {
      writing = join(folder, name);
      writeFileSync(writing, text, { flag: "wx" });
    }
  } catch (error) {
    throw new MillraceError("cannot-write", { file: writing, reason: messageOf(error) }, { cause: error });
  }
}

/** A name that npm takes, from the folder's. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" || name === "node_modules" || name === "millrace" ? "my-flows" : name;
}
