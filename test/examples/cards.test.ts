import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/cards", () => {
  it("leaves a report of every task", async () => {
    await using example = await ExampleProject.open("cards");
    await example.run();
    const cards = ".millrace/flows/CardsFlow/1/cards";
    const year = await example.project.read(`${cards}/lookAt/2.0.default.html`);
    for (const part of ["A year of weather", "365 of 365 days", "Warmest day", "Days with rain", '"mark":{"type":"area"'])
      expect(year).toContain(part);
    const report = await example.project.read(`${cards}/compare/0.0.report.html`);
    expect(report).toMatch(/It rained most in <strong>\d{4}<\/strong>: on \d+ days/);
    expect(report.match(/<tr>/g)).toHaveLength(5);
    expect(await example.project.read(`${cards}/start/0.0.default.html`)).toContain("Shows the first 20 of 1,461 rows.");
  });
});
