import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { clean, readWords, removeStopWords } from "../../examples/text-processing/words.js";
import { REPOSITORY } from "../rig/command.js";
import { ExampleProject } from "./example-project.js";

const data = join(REPOSITORY, "examples/text-processing/data");

describe("examples/text-processing", () => {
  it("processes every post and writes its words", async () => {
    await using example = await ExampleProject.open("text-processing");
    await example.run();
    const rows: Record<string, string>[] = parse(await example.read("output/sustainability.csv"), { columns: true });
    const posts: Record<string, string>[] = parse(await readFile(join(data, "sustainability.csv")), { columns: true });
    expect(rows.map(({ title, text }) => ({ title, text }))).toEqual(posts);
    const first = posts[0]?.["text"] ?? "";
    expect(rows[0]).toMatchObject({
      cleanText: clean(first),
      textTokens: removeStopWords(readWords(clean(first)).tokens).join(" "),
      textLemmas: removeStopWords(readWords(clean(first)).lemmas).join(" "),
    });
    const chunks = (await example.tasks("TextProcessingFlow/1")).filter((task) => task.startsWith("lemmatiseAndTokenise/"));
    expect(chunks).toHaveLength(10);
  });

  it("takes a small part when it is a test, and saves nothing", async () => {
    await using example = await ExampleProject.open("text-processing");
    await example.run(["--test", "--chunk-size", "40"]);
    const { processed } = await example.atEnd("TextProcessingFlow/1");
    expect(processed).toHaveLength(100);
    await expect(example.read("output/sustainability.csv")).rejects.toThrow("ENOENT");
  });

  it("reads another sub-forum, and writes where it is told", async () => {
    await using example = await ExampleProject.open("text-processing");
    await example.run(["--category", "energy-sources-for-heating", "--output", "words"]);
    expect(parse(await example.project.read("words/energy-sources-for-heating.csv"))).toHaveLength(1 + 100);
  });

  it("has sample data that its script makes, byte for byte", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-data-"));
    try {
      await promisify(execFile)(process.execPath, [join(data, "generate.mjs"), folder]);
      for (const file of ["sustainability.csv", "energy-sources-for-heating.csv"]) {
        expect(await readFile(join(folder, file), "utf8")).toBe(await readFile(join(data, file), "utf8"));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the words of a post", () => {
  it("are what is left when links, quotes' headings, emojis and HTML are gone", () => {
    expect(clean("Old_Hand wrote: » Prices &amp; photos => ASK me!\nSee https://example.org/a?b=1 or www.example.net/x 🌱")).toBe(
      "prices and photos ask me! see or",
    );
  });

  it("come as they stand and in dictionary form, without punctuation", () => {
    expect(readWords("our boilers were running, all night!")).toEqual({
      tokens: ["our", "boilers", "were", "running", "all", "night"],
      lemmas: ["our", "boiler", "be", "run", "all", "night"],
    });
    expect(readWords("")).toEqual({ tokens: [], lemmas: [] });
  });

  it("lose those that every text has", () => {
    expect(removeStopWords(["our", "boiler", "be", "run", "all", "night"])).toEqual(["boiler", "run", "night"]);
  });
});
