// @ts-check
// Vitest's global set-up: the services that tests have started (test/rig/services.ts) end with them.
import { leaveServices } from "./services.mjs";
import { stateFolder } from "./services/state.mjs";
import { existsSync } from "node:fs";

/** @param {import("vitest/node").TestProject} project */
export default function leaveServicesAfterTests(project) {
  project.provide("testsProcess", process.pid);
  return async () => {
    if (existsSync(stateFolder)) await leaveServices(process.pid);
  };
}
