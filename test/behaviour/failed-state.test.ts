import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** A step that sets, changes in place and then ends badly, in each of its attempts. */
function failing(how: string): string {
  return flowText({
    imports: "retry, timeout, current",
    fields: "list!: number[]; word!: string; open!: unknown;",
    steps: `
  @step start() { this.list = [0]; this.next(this.work); }
  @step @retry({ times: 1, delay: "0s" }) @timeout("2s")
  async work() {
    this.word = "attempt " + current.retryCount;
    this.list.push(current.retryCount + 1);
    ${how}
    this.next(this.end);
  }
  @step end() {}`,
  });
}

describe("dump shows a failed attempt as it was at the failure", () => {
  test.each([
    ["a throw", 'throw new Error("no");'],
    ["an error that nobody awaited", 'void Promise.reject(new Error("no")); await new Promise(() => setInterval(() => {}, 1000));'],
    ["process.exit", "process.exit(3);"],
    ["a time limit", "await new Promise(() => setInterval(() => {}, 1000));"],
    ["a value that cannot be stored, which is left out", "this.open = () => 1;"],
  ])("after %s", async (_how, code) => {
    await using project = await Project.create({ "flow.ts": failing(code) });
    await project.expectMillrace(1, ["run", "flow.ts"]);
    const results = new Results(project);
    expect(await results.dump("Demo/1/work/0")).toEqual({ "work/0": { word: "attempt 1", list: [0, 2] } });
    expect(await results.dump("Demo/1/work/0", "--attempt", "0")).toEqual({ "work/0": { word: "attempt 0", list: [0, 1] } });
    expect(await results.artifact("Demo/1/start/0", "list")).toEqual([0]);
    expect((await project.expectMillrace(1, ["dump", "Demo/1/work/0", "--attempt", "2"])).all).toContain("Its attempts are 0 to 1.");
  });
});
