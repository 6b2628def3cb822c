import { relative, sep } from "node:path";
import { findProjectRoot } from "../bundle/project-root.js";
import type { Settings } from "../config/settings.js";
import { shellWord } from "./shell-words.js";

/** ` --datastore PATH` where a command typed in this folder would look for runs elsewhere; else empty. */
export function datastoreOption(settings: Settings, cwd: string): string {
  const { kind } = settings.sources.datastore;
  // What the environment says holds for the next command as well.
  if (kind === "environment") return "";
  if (kind !== "command-line" && kind !== "program" && findProjectRoot(cwd) === settings.root) return "";
  const path = relative(cwd, settings.datastoreLocation);
  const shown = path === "" ? "." : path.startsWith(`..${sep}..${sep}`) ? settings.datastoreLocation : path;
  return ` --datastore ${shellWord(shown)}`;
}
