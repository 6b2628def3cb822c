import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/filter-data", () => {
  it("keeps the rows that matter and writes them", async () => {
    await using example = await ExampleProject.open("filter-data");
    await example.run();
    const rows: Record<string, string>[] = parse(await example.read("output/strikes.csv"), { columns: true });
    expect(rows).toHaveLength(55);
    expect(rows.every((row) => row["size"] === "Large" && Number(row["costDollars"]) >= 10_000)).toBe(true);
    const { species, relevant } = await example.atEnd("FilterDataFlow/1");
    expect(relevant).toHaveLength(55);
    expect((species as [string, number][]).reduce((sum, [, count]) => sum + count, 0)).toBe(55);
  });

  it("filters by its parameters, into the folder it is told", async () => {
    await using example = await ExampleProject.open("filter-data");
    await example.run(["--size", "Medium", "--min-cost", "1000000", "--output", "medium"]);
    expect(parse(await example.project.read("medium/strikes.csv"))).toHaveLength(1 + 2);
  });

  it("fails with a sentence when nothing is left", async () => {
    await using example = await ExampleProject.open("filter-data");
    expect(await example.run(["--size", "Small", "--min-cost", "1000000"], 1)).toContain("No strike of a Small animal cost 1000000 dollars or more");
  });
});
