import { mkdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { findFlowFile } from "../../src/bundle/flow-file.js";
import { findProjectRoot } from "../../src/bundle/project-root.js";
import type { MillraceError } from "../../src/core/errors/millrace-error.js";
import { createProject } from "./project.js";

const files = { "flows/score.ts": "", "flows/train.js": "", "flows/types.d.ts": "", "data.csv": "", "odd#name.ts": "" };

describe("findFlowFile", () => {
  test.each([
    ["flows/score.ts", "flows/score.ts", undefined],
    ["./flows/../flows/score.ts#ScoreFlow", "flows/score.ts", "ScoreFlow"],
    ["flows/score.ts#", "flows/score.ts", undefined],
    ["odd#name.ts", "odd#name.ts", undefined],
    ["odd#name.ts#ScoreFlow", "odd#name.ts", "ScoreFlow"],
  ])("finds %s", (reference, file, exportName) => {
    using project = createProject(files);
    expect(findFlowFile(reference, project.root)).toEqual({ file: project.path(file), ...(exportName !== undefined && { exportName }) });
  });

  test("follows a link to the file", () => {
    using project = createProject(files);
    symlinkSync(project.path("flows/score.ts"), project.path("link.ts"));
    expect(findFlowFile("link.ts", project.root).file).toBe(project.path("flows/score.ts"));
  });

  test.each([
    ["flows/scroe.ts", "Did you mean flows/score.ts?"],
    ["flows/score", "Did you mean flows/score.ts?"],
    ["flows/train.ts", "Did you mean flows/train.js?"],
    ["flow/score.ts", "Did you mean flows/score.ts?"],
    ["flow/scroe.ts#ScoreFlow", "Did you mean flows/score.ts?"],
    ["quite/another.ts", "Give the path of a flow's TypeScript file, relative to this folder."],
    ["flows/score.ts/x.ts", "Give the path of a flow's TypeScript file, relative to this folder."],
  ])("says what is near to %s", (reference, hint) => {
    using project = createProject(files);
    const error = errorOf(() => findFlowFile(reference, project.root));
    expect(error).toMatchObject({ code: "flow-file-missing", message: `There is no file ${reference.replace(/#.*/, "")}.`, hint, exitCode: 2 });
  });

  test("refuses a folder, and lists its files", () => {
    using project = createProject(files);
    expect(errorOf(() => findFlowFile("flows", project.root))).toMatchObject({
      code: "flow-file-folder",
      message: "flows is a folder, not a flow's file.",
      hint: "Give the file: flows/score.ts, flows/train.js.",
    });
    mkdirSync(project.path("empty"));
    expect(errorOf(() => findFlowFile("empty", project.root)).hint).toBe("Give the path of a flow's TypeScript file.");
  });

  test("refuses a file of another kind", () => {
    using project = createProject(files);
    expect(errorOf(() => findFlowFile("data.csv", project.root))).toMatchObject({ code: "flow-file-kind" });
  });
});

test("a project's root is the nearest folder with a package.json", () => {
  using project = createProject({ "a/package.json": "{}", "a/b/c/flow.ts": "", "d/e/flow.ts": "" });
  expect(findProjectRoot(project.path("a/b/c"))).toBe(project.path("a"));
  expect(findProjectRoot(project.path("a"))).toBe(project.path("a"));
  expect(findProjectRoot(project.path("d/e"))).toBe(project.root);
  expect(findProjectRoot(dirname(dirname(project.root)))).toBe(dirname(dirname(project.root)));
});

function errorOf(action: () => unknown): MillraceError {
  try {
    action();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error("no error came");
}
