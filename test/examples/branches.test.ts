import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/branches", () => {
  it("brings together what its branches found", async () => {
    await using example = await ExampleProject.open("branches");
    expect(await example.run()).toContain("5 readings from 1 to 9, on average 5 (found by averaging and by looking at both ends)");
    expect(await example.atEnd("BranchesFlow/1")).toMatchObject({ readings: [3, 8, 1, 9, 4], mean: 5, lowest: 1, highest: 9 });
  });
});
