import { expect } from "vitest";
import { Project } from "../rig/project.js";
import { Results, shortTask } from "../rig/results.js";
import { S3Proxy } from "../rig/s3-proxy.js";
import type { S3Service } from "../rig/services.js";
import { CRASH_FLOW, CRASH_TASKS, CRASH_TOTAL } from "./crash-flow.js";

/** A project with a datastore in S3 that it reaches through a proxy. */
export interface S3Place extends AsyncDisposable {
  readonly project: Project;
  readonly proxy: S3Proxy;
  readonly env: Readonly<Record<string, string>>;
  /** As the proxy's users, past the proxy. */
  readonly results: Results;
}

/** @param options.env Added to the environment. */
export async function openS3Place(
  { endpoint, env: access, freshUrl }: S3Service,
  { flow = CRASH_FLOW, env: more = {} }: { readonly flow?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<S3Place> {
  const proxy = await S3Proxy.start(endpoint);
  const direct = { ...access, MILLRACE_DATASTORE: freshUrl() };
  const env = { ...direct, AWS_ENDPOINT_URL: proxy.endpoint, MILLRACE_CACHE: "off", ...more };
  const project = await Project.create({ "flow.ts": flow });
  return {
    project,
    proxy,
    env,
    results: new Results(project, direct),
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** The latest run of the crash tests' flow is done, every task of it once, with the right result. */
export async function expectWhole(results: Results): Promise<void> {
  const last = await results.status("Crash/latest");
  expect(last.tasks.map((task) => shortTask(task.pathspec)).toSorted()).toEqual(CRASH_TASKS.toSorted());
  expect(last.tasks.every((task) => task.status === "done")).toBe(true);
  expect(await results.artifact("Crash/latest/end/0", "total")).toBe(CRASH_TOTAL);
}
