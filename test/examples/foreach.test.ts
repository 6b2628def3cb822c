import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/foreach", () => {
  it("counts the primes of each range and adds them up", async () => {
    await using example = await ExampleProject.open("foreach");
    expect(await example.run()).toContain("9592 primes below 100000");
    const { total, perRange } = await example.atEnd("ForeachFlow/1");
    expect(total).toBe(9592);
    expect(perRange).toEqual([1229, 1033, 983, 958, 930, 924, 878, 902, 876, 879]);
    expect((await example.tasks("ForeachFlow/1")).filter((task) => task.startsWith("count/"))).toHaveLength(10);
  });

  it("says how wide it may be", async () => {
    await using example = await ExampleProject.open("foreach");
    const args = ["--limit", "1000", "--chunk-size", "5"];
    expect(await example.run(args, 1)).toContain("--max-num-splits");
    expect(await example.run([...args, "--max-num-splits", "200"])).toContain("168 primes below 1000");
  });
});
