import { expect, test } from "vitest";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const flow = (options: string): string => `import { FlowSpec, current, project, step } from "millrace";
import { Flow } from "millrace/client";
@project(${options})
export default class Demo extends FlowSpec {
  told!: readonly unknown[];
  seen!: string[];
  @step async start() {
    if (process.env.FAIL) throw new Error("asked to");
    this.told = [current.projectName, current.branchName, current.isProduction, current.projectFlowName, current.namespace ?? null];
    this.seen = [];
    for await (const run of Flow("Demo").runs()) this.seen.push(run.id);
    this.next(this.end);
  }
  @step end() {}
}`;

test("a run belongs to its project's branch: the user's own, one that is named, or production", async () => {
  await using project = await Project.create({ "flow.ts": flow(`{ name: "fraud" }`) });
  const results = new Results(project);
  const told = async (run: string): Promise<unknown> => results.artifact(`${run}/start/0`, "told");
  await project.expectMillrace(0, ["run", "flow.ts"]);
  await project.expectMillrace(0, ["run", "flow.ts", "--branch", "new_model"]);
  await project.expectMillrace(0, ["run", "flow.ts", "--branch", "candidate", "--production"]);
  await project.expectMillrace(0, ["run", "flow.ts"], { env: { MILLRACE_PRODUCTION: "true" } });
  expect(await told("Demo/1")).toEqual(["fraud", "user.tester", false, "fraud.user.tester.Demo", null]);
  expect(await told("Demo/2")).toEqual(["fraud", "test.new_model", false, "fraud.test.new_model.Demo", null]);
  expect(await told("Demo/3")).toEqual(["fraud", "prod.candidate", true, "fraud.prod.candidate.Demo", null]);
  expect(await told("Demo/4")).toEqual(["fraud", "prod", true, "fraud.prod.Demo", null]);
  const found = async (...args: string[]): Promise<string[]> =>
    JSON.parse((await project.expectMillrace(0, ["runs", "--json", ...args])).stdout).map(({ pathspec }: { pathspec: string }) => pathspec);
  expect(await found("--tag", "project_branch:test.new_model")).toEqual(["Demo/2"]);
  expect(await found("--tag", "project:fraud")).toHaveLength(4);
  expect((await project.expectMillrace(2, ["tag", "remove", "Demo/2", "project:fraud"])).stderr).toContain("tag-system");
  expect((await project.expectMillrace(0, ["status", "Demo/2"])).stdout).toMatch(/project +fraud, branch test.new_model/);
});

test("a resume stays on the branch of the run that it goes on from", async () => {
  await using project = await Project.create({ "flow.ts": flow(`{ name: "fraud" }`) });
  await project.expectMillrace(1, ["run", "flow.ts", "--branch", "x"], { env: { FAIL: "1" } });
  await project.expectMillrace(0, ["resume", "flow.ts"]);
  expect(await new Results(project).artifact("Demo/2/start/0", "told")).toContain("test.x");
});

test("the steps of a run with a namespace see the runs of that namespace", async () => {
  await using project = await Project.create({ "flow.ts": flow(`{ name: "fraud" }`) });
  const results = new Results(project);
  await project.expectMillrace(0, ["run", "flow.ts"], { env: { MILLRACE_USER: "ada" } });
  await project.expectMillrace(0, ["run", "flow.ts", "--tag", "production:q1"], { env: { MILLRACE_USER: "bob" } });
  await project.expectMillrace(0, ["run", "flow.ts"]);
  expect(await results.artifact("Demo/3/start/0", "seen")).toEqual(["3", "2", "1"]);
  await project.expectMillrace(0, ["run", "flow.ts", "--namespace", "user:ada"]);
  expect(await results.artifact("Demo/4/start/0", "seen")).toEqual(["1"]);
  expect(await results.artifact("Demo/4/start/0", "told")).toContain("user:ada");
  const listed = async (env: Record<string, string>, ...args: string[]): Promise<string> =>
    (await project.expectMillrace(0, ["runs", ...args], { env })).stdout.replaceAll(/^(\S+) .*$/gm, "$1");
  expect(await listed({}, "--namespace", "production:q1")).toBe("RUN\nDemo/2\n");
  expect(await listed({ MILLRACE_NAMESPACE: "user:ada" })).toBe("RUN\nDemo/1\n");
});

test.each([
  [`{ name: "fraud", branch: "a" }`, ["--branch", "b"], "project-conflict"],
  [`{ name: "fraud", production: true }`, ["--no-production"], "project-conflict"],
  [`{ name: "fraud" }`, ["--branch", "Not-good"], "project-name-bad"],
  [`{ name: "Not-good" }`, [], "“Not-good” cannot be its name"],
])("@project(%s) with %j is refused before anything starts", async (options, args, expected) => {
  await using project = await Project.create({ "flow.ts": flow(options) });
  expect((await project.expectMillrace(2, ["run", "flow.ts", ...args])).stderr).toContain(expected);
  expect(await new Results(project).runs()).toEqual([]);
});

test("a branch for a flow without a project is an error on the command line, and none in the environment", async () => {
  await using project = await Project.create({ "flow.ts": flow("{}").replace("@project({})", "") });
  expect((await project.expectMillrace(2, ["run", "flow.ts", "--branch", "b"])).stderr).toContain("project-missing");
  await project.expectMillrace(0, ["run", "flow.ts"], { env: { MILLRACE_BRANCH: "b" } });
});
