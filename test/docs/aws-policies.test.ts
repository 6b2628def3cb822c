import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSourceModules } from "../architecture/source-modules.js";
import { REPOSITORY } from "../rig/command.js";
import { readCodeBlocks } from "./code-block.js";

/** Commands of the SDK whose action has another name. */
const otherNames: Readonly<Record<string, string>> = {
  HeadObject: "GetObject",
  // Of the object onto itself: GetObject as well.
  CopyObject: "PutObject",
  ListObjectsV2: "ListBucket",
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  CompleteMultipartUpload: "PutObject",
  DeleteObjects: "DeleteObject",
};

/** What the code asks of AWS, as actions of a policy. */
function actionsAsked(isPart: (path: string) => boolean): readonly string[] {
  const asked = readSourceModules()
    .filter(({ path }) => isPart(path))
    .flatMap(({ path, code }) =>
      [...code.matchAll(/new [\w.#]+\.(\w+)Command\(/g)].map(([, name = ""]) => `${serviceOf(path, name)}:${otherNames[name] ?? name}`),
    );
  return [...new Set(asked)].toSorted();
}

function serviceOf(path: string, command: string): string {
  if (command.endsWith("LogEvents")) return "logs";
  return path.startsWith("compute/batch/") ? "batch" : "s3";
}

function actionsAllowed(file: string): readonly string[] {
  const block = readCodeBlocks(readFileSync(join(REPOSITORY, "docs/aws.md"), "utf8")).find(({ attributes }) => attributes["file"] === file);
  const policy = JSON.parse(block?.text ?? "") as { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
  return policy.Statement.flatMap(({ Action }) => Action).toSorted();
}

test("whoever starts runs is allowed what millrace asks for, to tag jobs and to give them their roles, and nothing else", () => {
  const asked = actionsAsked((path) => /^(?:store|compute)\//.test(path));
  expect(actionsAllowed("run-policy.json")).toEqual([...asked, "batch:TagResource", "iam:PassRole"].toSorted());
});

test("a job is allowed what the datastore asks for, but to delete", () => {
  const asked = actionsAsked((path) => path.startsWith("store/"));
  expect(actionsAllowed("job-policy.json")).toEqual(asked.filter((action) => action !== "s3:DeleteObject"));
});
