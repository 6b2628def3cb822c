import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/switch-and-loop", () => {
  it("refines its estimate until it is good enough", async () => {
    await using example = await ExampleProject.open("switch-and-loop");
    await example.run();
    const { estimate, rounds, outcome } = await example.atEnd("SwitchAndLoopFlow/1");
    expect(estimate).toBeCloseTo(Math.SQRT2, 9);
    expect(outcome).toBe("found");
    const refined = Array.from({ length: Number(rounds) }, (_, round) => (round === 0 ? "refine/0" : `refine/~${round}`));
    expect(await example.tasks("SwitchAndLoopFlow/1")).toEqual(["start/0", ...refined, "accept/0", "end/0"].toSorted());
  });

  it.each([
    [["--number", "-4"], "refused"],
    [["--number", "1e12", "--max-rounds", "3"], "gave up"],
  ])("with %j ends %j", async (args, expected) => {
    await using example = await ExampleProject.open("switch-and-loop");
    await example.run(args);
    expect((await example.atEnd("SwitchAndLoopFlow/1"))["outcome"]).toBe(expected);
  });
});
