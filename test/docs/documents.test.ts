import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { runDocument } from "./document-run.js";
import { REPOSITORY } from "../rig/command.js";

const documents = ["README.md", ...(await markdownIn("docs")), ...(await markdownIn("examples"))];

describe("every snippet does what its document says:", () => {
  it.each(documents)("%s", runDocument, 120_000);
});

async function markdownIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(REPOSITORY, folder), { recursive: true });
  return entries
    .map((entry) => `${folder}/${entry.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md") && !path.includes("/output/"))
    .toSorted();
}
