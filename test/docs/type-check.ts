import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { REPOSITORY } from "../rig/command.js";
import type { Project } from "../rig/project.js";

/** Checks the types of a document's files as a careful user would: strictly, against the declarations of the build. */
export async function checkTypes(project: Project, files: readonly string[], document: string): Promise<void> {
  if (files.length === 0) return;
  const { compilerOptions } = JSON.parse(await readFile(join(REPOSITORY, "tsconfig.json"), "utf8"));
  await project.write({ "tsconfig.json": JSON.stringify({ compilerOptions, files }) });
  const check = promisify(execFile)(process.execPath, [join(REPOSITORY, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: project.root });
  await check.catch((error: { readonly stdout: string }) => {
    throw new Error(`${document}: the types of its files are wrong:\n${error.stdout}`);
  });
}
