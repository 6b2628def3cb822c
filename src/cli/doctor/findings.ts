import { findProjectRoot } from "../../bundle/project-root.js";
import { readSettings, type SettingFlags } from "../../config/settings.js";
import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { Host } from "../host.js";
import { checkDatastore } from "./datastore-check.js";
import { checkEsbuild, checkMillrace, checkNode } from "./program-checks.js";
import { checkProject, checkTsconfig, checkTypeScript } from "./project-checks.js";
import { checkTerminal } from "./terminal-check.js";

/** What one check found. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail";
  /** What was looked at. */
  readonly what: string;
  readonly found: string;
  /** What to do, unless all is well. */
  readonly advice?: string;
}

/** Looks at everything in turn; a bad setting is a finding, and the rest is looked at all the same. */
export async function runChecks(host: Host, flags: SettingFlags): Promise<readonly Finding[]> {
  const root = findProjectRoot(host.cwd);
  return [
    checkNode(process.versions.node),
    checkMillrace(),
    await checkEsbuild(),
    checkProject(root),
    ...(await checkSettings(root, host, flags)),
    checkTsconfig(root),
    checkTypeScript(root),
    checkTerminal(host),
  ];
}

async function checkSettings(root: string, host: Host, flags: SettingFlags): Promise<Finding[]> {
  try {
    const settings = readSettings({ root, cwd: host.cwd, environment: host.environment, flags });
    const file = settings.file === undefined ? "no file: defaults hold" : settings.file.name;
    return [
      { level: "ok", what: "settings", found: file },
      ...settings.warnings.map((found): Finding => ({ level: "warn", what: "settings", found, advice: "Rename the variable, or remove it." })),
      await checkDatastore(settings),
    ];
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    const place = error.position === undefined ? "" : ` (line ${error.position.line}, column ${error.position.column})`;
    return [{ level: "fail", what: "settings", found: `${error.message}${place}`, advice: error.hint }];
  }
}
