import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = flowText({
  imports: "current",
  fields: "seen!: readonly string[];",
  steps: `
  @step start() { this.seen = current.tags; this.next(this.end); }
  @step end() {}`,
});

describe("millrace tag", () => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(0, ["run", "flow.ts", "--tag", "nightly", "--tag", "nightly"]);
  });

  afterAll(() => project[Symbol.asyncDispose]());

  test("a run has the tags it was given, each once, and its steps see them", async () => {
    const results = new Results(project);
    expect((await results.runs())[0]?.tags).toEqual(["nightly"]);
    expect(await results.artifact("Demo/1/end/0", "seen")).toEqual(["nightly"]);
  });

  test("add, remove and replace change them for every reader", async () => {
    const tag = async (...args: string[]): Promise<string> => (await project.expectMillrace(0, ["tag", ...args])).stdout;
    expect(await tag("add", "Demo/1", "good", "reviewed")).toBe("Demo/1 has the tags nightly, good, reviewed\n");
    expect(await tag("replace", "Demo/latest", "good", "released")).toBe("Demo/1 has the tags nightly, reviewed, released\n");
    expect(await tag("replace", "Demo", "--remove", "reviewed", "--remove", "released", "--add", "best")).toBe("Demo/1 has the tags nightly, best\n");
    expect(await tag("remove", "Demo/1", "nightly")).toBe("Demo/1 has the tags best\n");
    expect((await new Results(project).status("Demo/1")).tags).toEqual(["best"]);
    expect((await project.expectMillrace(0, ["runs"])).stdout).toContain("best");
    expect((await project.expectMillrace(0, ["status", "Demo/1"])).stdout).toMatch(/tags +best/);
    expect(await tag("list", "Demo/1")).toMatch(new RegExp(`^best\\nuser:tester\\nnode:${process.versions.node}\\nmillrace:\\S+\\n$`));
    expect(JSON.parse(await tag("list", "Demo/1", "--json"))).toMatchObject({ pathspec: "Demo/1", tags: ["best"] });
    expect(await tag("remove", "Demo/1", "best")).toBe("Demo/1 has no tags\n");
  });

  test("runs are found by their tags, millrace's own among them", async () => {
    await project.expectMillrace(0, ["tag", "add", "Demo/1", "findme"]);
    const found = async (...tags: string[]): Promise<number> =>
      JSON.parse((await project.expectMillrace(0, ["runs", "--json", ...tags.flatMap((tag) => ["--tag", tag])])).stdout).length;
    expect(await found("findme")).toBe(1);
    expect(await found("findme", "user:tester")).toBe(1);
    expect(await found("findme", "user:nobody")).toBe(0);
  });

  test.each([
    [["tag", "add", "Demo/1"], "tag-nothing"],
    [["tag", "replace", "Demo/1"], "tag-nothing"],
    [["tag", "replace", "Demo/1", "old"], "argument-missing"],
    [["tag", "remove", "Demo/1", "user:tester"], "tag-system"],
    [["tag", "add", "Demo/1", "user:bob"], "tag-reserved"],
    [["tag", "add", "Demo/1", ""], "tag-invalid"],
    [["tag", "change", "Demo/1", "x"], "tag-action-unknown"],
    [["tag", "add", "Demo/1/start", "x"], "pathspec-too-long"],
    [["tag", "list", "Demo/1", "x"], "argument-unexpected"],
    [["tag", "add", "Demo/1", "--remove", "x"], "options-exclude"],
    [["run", "flow.ts", "--tag", "user:bob"], "tag-reserved"],
    [["run", "flow.ts", "--tag", "x".repeat(501)], "tag-invalid"],
  ])("%j is wrong usage: %s", async (args, code) => {
    const { stderr } = await project.expectMillrace(2, args);
    expect(stderr).toContain(code);
  });

  test("an unknown run is an error that names it", async () => {
    expect((await project.expectMillrace(1, ["tag", "add", "Demo/77", "x"])).stderr).toContain("Demo has no run 77");
  });
});
