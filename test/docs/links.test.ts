import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../rig/command.js";
import { markdownIn } from "./documents.js";

const top = (await readdir(REPOSITORY)).filter((name) => name.endsWith(".md"));
const documents = [...top, ...(await markdownIn("docs")), ...(await markdownIn("examples"))];

describe("every link inside the repository leads somewhere:", () => {
  it.each(documents)("%s", async (path) => {
    const missing: string[] = [];
    for (const target of readLinks(await readFile(join(REPOSITORY, path), "utf8"))) {
      const [file = "", heading] = target.split("#");
      const linked = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(REPOSITORY, linked))) missing.push(target);
      else if (heading !== undefined && !(await headingsOf(linked)).has(heading)) missing.push(target);
    }
    expect(missing).toEqual([]);
  });
});

function readLinks(markdown: string): string[] {
  const prose = markdown.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^\w+:/.test(target));
}

/** A document's headings, as links name them. */
async function headingsOf(path: string): Promise<Set<string>> {
  const headings = (await readFile(join(REPOSITORY, path), "utf8")).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, text = ""]) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
