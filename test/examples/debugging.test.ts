import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/debugging", () => {
  it("breaks at the line at fault, and goes on from there once that is mended", async () => {
    await using example = await ExampleProject.open("debugging");

    const broken = await example.run(["--keep-going"], 1);
    const line = (await example.read("flow.ts")).split("\n").findIndex((text) => text.includes("order.customer.country")) + 1;
    expect(broken).toContain("DebuggingFlow/1/addUp/2");
    expect(broken).toContain(`examples/debugging/flow.ts:${line}`);
    expect(broken).toMatch(/resume examples\/debugging\/flow\.ts/);

    await example.edit("flow.ts", "order.customer.country", 'order.customer?.country ?? "unknown"');
    await example.resume();
    expect(await example.tasks("DebuggingFlow/2", { reused: false })).toEqual(["addUp/2", "end/0", "total/0"]);
    expect(await example.tasks("DebuggingFlow/2", { reused: true })).toEqual(["addUp/0", "addUp/1", "addUp/3", "start/0"]);
    expect((await example.atEnd("DebuggingFlow/2"))["totals"]).toEqual({
      $type: "Map",
      value: [
        ["GB", 235],
        ["FR", 110],
        ["DE", 420],
        ["unknown", 15],
      ],
    });
  });
});
