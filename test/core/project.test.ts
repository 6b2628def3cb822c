import { expect, test } from "vitest";
import { projectFlowName, projectOf, type BranchOptions } from "../../src/core/project.js";
import type { JsonObject } from "../../src/core/json.js";

const of = (options: JsonObject, said: BranchOptions = {}): ReturnType<typeof projectOf> =>
  projectOf({ decorators: [{ name: "project", options: { production: false, ...options }, from: "code" }] }, said, "ada");

test.each([
  [{}, {}, "user.ada", false],
  [{}, { branch: "feature_1" }, "test.feature_1", false],
  [{}, { production: true }, "prod", true],
  [{}, { production: true, branch: "candidate" }, "prod.candidate", true],
  [{ branch: "b" }, {}, "test.b", false],
  [{ branch: "b" }, { branch: "b" }, "test.b", false],
  [{ production: true }, {}, "prod", true],
  [{ production: true }, { branch: "x" }, "prod.x", true],
  [{}, { production: false }, "user.ada", false],
])("@project %j, said %j: %s", (options, said, branch, production) => {
  const project = of({ name: "fraud", ...options }, said);
  expect(project).toEqual({ name: "fraud", branch, production });
  if (project !== undefined) expect(projectFlowName(project, "Score")).toBe(`fraud.${branch}.Score`);
});

test.each([
  [{ name: "Fraud" }, {}, "project-name-bad"],
  [{ name: "fraud-x" }, {}, "project-name-bad"],
  [{ name: "x".repeat(129) }, {}, "project-name-bad"],
  [{ name: "fraud" }, { branch: "a.b" }, "project-name-bad"],
  [{ name: "fraud", branch: "a" }, { branch: "b" }, "project-conflict"],
  [{ name: "fraud", production: true }, { production: false }, "project-conflict"],
])("@project %j, said %j is refused: %s", (options, said, code) => {
  expect(() => of(options, said)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
});

test("a flow without @project belongs to none, whatever is said", () => {
  expect(projectOf({ decorators: [] }, { branch: "x", production: true }, "ada")).toBeUndefined();
});
