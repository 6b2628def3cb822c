import type { Environment } from "../config/environment.js";
import type { Settings } from "../config/settings.js";
import { programName } from "./program-name.js";
import { shellCommand } from "./shell-words.js";

/** The command that goes on from a flow's newest run, with the options that it needs to find it. */
export function resumeCommand(flow: string, settings: Settings, environment: Environment): string {
  const { kind } = settings.sources.datastore;
  const option = kind === "command-line" || kind === "program" ? ["--datastore", settings.datastore] : [];
  return `${programName(environment)} ${shellCommand(["resume", flow, ...option])}`;
}
