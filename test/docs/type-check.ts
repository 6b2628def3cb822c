import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "../rig/command.js";
import type { Project } from "../rig/project.js";

/** Checks the types of a document's files as a careful user would: strictly, against the declarations of the build. */
export async function checkTypes(project: Project, files: readonly string[], document: string): Promise<void> {
  if (files.length === 0) return;
  const { compilerOptions } = JSON.parse(await readFile(join(REPOSITORY, "tsconfig.json"), "utf8"));
  // Node wants the names of files as they are.
  const options = { ...compilerOptions, allowImportingTsExtensions: true };
  await project.write({ "tsconfig.json": JSON.stringify({ compilerOptions: options, files }) });
  const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
  const check = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: project.root, encoding: "utf8" });
  if (check.status !== 0) throw new Error(`${document}: the types of its files are wrong:\n${check.stdout}${check.stderr}`);
}
