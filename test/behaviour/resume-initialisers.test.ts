import { expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const source = flowText({
  imports: "type Inputs",
  fields: `seed = Math.random(); limit = 5; removed = "here"; one!: unknown[]; seen!: unknown[];`,
  steps: `
  @step start() { this.next(this.body, { foreach: [0, 1] }); }
  @step body(n: number) { if (n === 1 && process.env.FAIL) throw new Error("asked to"); this.one = [this.seed, this.limit]; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.seen = [...inputs.map((input) => input.one), [this.seed, this.limit]]; this.next(this.end); }
  @step end() {}`,
});

async function failed(): Promise<Project> {
  const project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(1, ["run", "flow.ts"], { env: { FAIL: "1" } });
  return project;
}

const seen = (project: Project, run: number) => new Results(project).artifact(`Demo/${run}/join/0`, "seen");

test("a field's initial value is one value, whichever run does a task", async () => {
  await using project = await failed();
  await project.expectMillrace(1, ["resume", "flow.ts"], { env: { FAIL: "1" } });
  await project.expectMillrace(0, ["resume", "flow.ts"]);
  const [first, second, join] = (await seen(project, 3)) as readonly [readonly number[], readonly number[], readonly number[]];
  expect(second).toEqual(first);
  expect(join).toEqual(first);
});

test("an initialiser that has changed gives its new value to what runs again, the others stay; a new one is added", async () => {
  await using project = await failed();
  const changed = source
    .replace("limit = 5;", "limit = 6; added = [1];")
    .replace(`removed = "here"; `, "")
    .replace("@step end() {}", '@step end() { note("end " + this.added); }');
  await project.write({ "flow.ts": changed });
  await project.expectMillrace(0, ["resume", "flow.ts"]);
  const [first, second, join] = (await seen(project, 2)) as readonly [readonly number[], readonly number[], readonly number[]];
  expect([first[1], second[1], join[1]]).toEqual([5, 6, 6]);
  expect([second[0], join[0]]).toEqual([first[0], first[0]]);
  expect(project.ledger.at(-1)).toBe("end 1");
});
