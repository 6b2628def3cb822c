import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/scraping", () => {
  it("reads every book, again where the site was busy for a moment, never more than four at once", async () => {
    await using example = await ExampleProject.open("scraping");
    const site = await startSite(example);
    await example.run(["--site", site.url]);

    const rows: Record<string, string>[] = parse(await example.read("output/books.csv"), { columns: true });
    expect(rows.map(({ title }) => title)).toEqual(Array.from({ length: 24 }, (_, i) => `Book ${i + 1}`));
    expect(rows[3]).toEqual({ url: `${site.url}/books/4`, title: "Book 4", author: "Author 5", pounds: "7" });
    expect(site.requests.filter((request) => request.startsWith("503"))).toHaveLength(4);
    expect(site.requests.filter((request) => request.startsWith("429"))).toEqual([]);
  });

  it("asks only once for a page that is gone, gets all others, and resumes with what is missing alone", async () => {
    await using example = await ExampleProject.open("scraping");
    const broken = await startSite(example, ["--gone", "13,17"]);
    const output = await example.run(["--site", broken.url, "--keep-going"], 1);
    expect(output).toContain(`PageError: ${broken.url}/books/13 answered 404`);
    expect(broken.requests.filter((request) => /\/books\/1[37]$/.test(request)).toSorted()).toEqual(["404 /books/13", "404 /books/17"]);
    const read = (await example.tasks("ScrapingFlow/1")).filter((task) => task.pathspec.includes("/readBook/") && task.status === "done");
    expect(read).toHaveLength(22);

    const mended = await startSite(example, ["--port", new URL(broken.url).port]);
    await example.resume();
    expect(mended.requests.toSorted()).toEqual(["200 /books/13", "200 /books/17"]);
    expect(parse(await example.read("output/books.csv"))).toHaveLength(1 + 24);
  });
});

/** The example's site, at work until another one starts or the example is closed. */
async function startSite(example: ExampleProject, args: readonly string[] = ["--port", "0"]) {
  const requests: string[] = [];
  const withPort = args.includes("--port") ? args : ["--port", "0", ...args];
  const greeting = await example.project.start("site", ["examples/scraping/site.mjs", ...withPort], (line) => {
    if (/^\d{3} /.test(line)) requests.push(line);
  });
  return { url: greeting.replace(/^.* on /, ""), requests };
}
