import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { BackgroundProgram } from "../docs/background-program.js";
import { ExampleProject } from "./example-project.js";

describe("examples/scraping", () => {
  it("reads every book, again where the site was busy for a moment, never more than four at once", async () => {
    await using example = await ExampleProject.open("scraping");
    await using site = await Site.start(example, []);
    await example.run(["--site", site.url]);

    const rows: Record<string, string>[] = parse(await example.read("output/books.csv"), { columns: true });
    expect(rows.map(({ title }) => title)).toEqual(Array.from({ length: 24 }, (_, i) => `Book ${i + 1}`));
    expect(rows[3]).toEqual({ url: `${site.url}/books/4`, title: "Book 4", author: "Author 5", pounds: "7" });
    expect(site.requests.filter((request) => request.startsWith("503"))).toHaveLength(4);
    expect(site.requests.filter((request) => request.startsWith("429"))).toEqual([]);
  });

  it("asks only once for a page that is gone, gets all others, and resumes with what is missing alone", async () => {
    await using example = await ExampleProject.open("scraping");
    let url: string;
    {
      await using broken = await Site.start(example, ["--gone", "13,17"]);
      url = broken.url;
      expect(await example.run(["--site", url, "--keep-going"], 1)).toContain(`PageError: ${url}/books/13 answered 404`);
      expect(broken.requests.filter((request) => /\/books\/1[37]$/.test(request))).toEqual(["404 /books/13", "404 /books/17"]);
      const read = await example.tasks("ScrapingFlow/1", { status: "done" });
      expect(read.filter((task) => task.startsWith("readBook/"))).toHaveLength(22);
    }

    await using mended = await Site.start(example, ["--port", new URL(url).port]);
    await example.resume();
    expect(mended.requests).toEqual(["200 /books/13", "200 /books/17"]);
    expect(parse(await example.read("output/books.csv"))).toHaveLength(1 + 24);
  });
});

/** The example's site at work. */
class Site implements AsyncDisposable {
  private constructor(private readonly program: BackgroundProgram) {}

  static async start(example: ExampleProject, args: readonly string[]): Promise<Site> {
    return new Site(await BackgroundProgram.start(["examples/scraping/site.mjs", ...args], example.project.root, { PORT: "0" }));
  }

  get url(): string {
    return this.program.lines[0]?.replace(/^.* on /, "") ?? "";
  }

  /** Status and path of each request, sorted: requests at the same time have no order. */
  get requests(): string[] {
    return this.program.lines.slice(1).toSorted();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}
