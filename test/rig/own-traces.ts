import { expect } from "vitest";
import type { CommandResult } from "./command.js";

/** What must never stand in front of a user: frames of our own code or of Node's, and words of values that are not there. */
const OWN = /\bat .*(?:\/dist\/|node:internal|file:\/\/)|\[object Object\]|\bNaN\b|“undefined”|\bundefined:|UnhandledPromiseRejection|\(node:\d+\)/;

/** The output shows nothing of our insides. */
export function expectNoOwnTraces(result: CommandResult): void {
  expect(result.all, `millrace ${result.args.join(" ")}`).not.toMatch(OWN);
}

/** The output says all of this, and nothing of our insides. */
export function expectSays(result: CommandResult, ...says: readonly (string | RegExp)[]): void {
  for (const one of says) {
    if (typeof one === "string") expect(result.all, `millrace ${result.args.join(" ")}`).toContain(one);
    else expect(result.all, `millrace ${result.args.join(" ")}`).toMatch(one);
  }
  expectNoOwnTraces(result);
}
