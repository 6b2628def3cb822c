import { describe, expect, it } from "vitest";
import { ExampleProject } from "./example-project.js";

describe("examples/hello", () => {
  it("says hello", async () => {
    await using example = await ExampleProject.open("hello");
    expect(await example.run()).toContain("HELLO FROM MILLRACE!");
    expect(await example.atEnd("HelloFlow/latest")).toMatchObject({ greeting: "HELLO FROM MILLRACE!" });
  });
});
