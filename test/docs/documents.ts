import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "../rig/command.js";

/** The Markdown files of a folder of the repository and of those in it, by their paths. */
export async function markdownIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(REPOSITORY, folder), { recursive: true });
  return entries
    .map((entry) => `${folder}/${entry.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md") && !path.includes("/output/"))
    .toSorted();
}
