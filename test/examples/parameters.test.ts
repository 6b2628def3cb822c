import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/parameters", () => {
  it("summarises the measurements by its defaults", async () => {
    await using example = await ExampleProject.open("parameters");
    expect(await example.run()).toMatch(/Measured \d{4}-\d\d-\d\d: mean 14 mm/);
    expect(await example.atEnd("ParametersFlow/1")).toMatchObject({ values: [12.5, 14, 9.5, 21, 13], result: 14 });
  });

  it("takes each parameter from the command line", async () => {
    await using example = await ExampleProject.open("parameters");
    await example.project.write({ "other.txt": "1\n2\n3\n4\n5\n" });
    const args = [
      "--scale",
      "10",
      "--unit",
      "cm",
      "--verbose",
      "--ignore",
      "1,5",
      "--statistic",
      "max",
      "--title",
      "Other",
      "--measurements",
      "other.txt",
    ];
    const output = await example.run(args);
    expect(output).toContain("20 30 40");
    expect(output).toContain("Other: max 40 cm");
  });

  it("refuses what its schema does not allow, before anything starts", async () => {
    await using example = await ExampleProject.open("parameters");
    expect(await example.run(["--statistic", "mode"], 2)).toContain("--statistic");
    expect(await example.results.runs()).toEqual([]);
  });
});
