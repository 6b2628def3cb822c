import { relative, sep } from "node:path";
import { findProjectRoot } from "../bundle/project-root.js";
import type { Settings } from "../config/settings.js";
import { formatAddress, type StoreAddress } from "../core/store-address.js";
import { shellWord } from "./shell-words.js";

/** ` --datastore PATH` where a command typed in this folder would look for runs elsewhere; else empty. */
export function datastoreOption(settings: Settings, cwd: string): string {
  const { kind } = settings.sources.datastore;
  // What the environment says holds for the next command as well.
  if (kind === "environment") return "";
  if (kind !== "command-line" && kind !== "program" && findProjectRoot(cwd) === settings.root) return "";
  return ` --datastore ${shellWord(shortest(settings.datastoreAddress, cwd))}`;
}

function shortest(address: StoreAddress, cwd: string): string {
  if (address.kind !== "local") return formatAddress(address);
  const path = relative(cwd, address.root);
  if (path === "") return ".";
  return path.startsWith(`..${sep}..${sep}`) ? address.root : path;
}
