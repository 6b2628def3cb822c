import { cp } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "../rig/command.js";
import { Project } from "../rig/project.js";

/** What flows of the documentation and the examples import. */
const PACKAGES = [
  "cheerio",
  "csv-parse",
  "csv-stringify",
  "debug",
  "pino",
  "vega-datasets",
  "vitest",
  "wink-eng-lite-web-model",
  "wink-nlp",
  "winston",
  "zod",
  "@types",
];

/** A project of a reader's: the packages that the documentation uses are installed, and the given folders of this repository are there as well. */
export async function createProject(folders: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Project> {
  // What runs on other machines waits for them.
  const project = await Project.create({}, { packages: PACKAGES, env, patienceMs: 150_000 });
  for (const folder of folders) {
    await cp(join(REPOSITORY, folder), project.path(folder), { recursive: true, filter: (source) => !/[\\/](output|\.millrace)$/.test(source) });
  }
  return project;
}
