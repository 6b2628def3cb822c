import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { codeExtensions } from "../../bundle/flow-file.js";
import { findProjectRoot } from "../../bundle/project-root.js";
import { readSettings } from "../../config/settings.js";
import type { Datastore } from "../../datastore/datastore.js";
import type { Host } from "../host.js";
import { openDatastore } from "../reading/named-run.js";

/** Files looked into in one folder. */
const MAX_FILES = 200;
/** Newest runs offered of each flow. */
const MAX_RUNS = 10;

/** Flow files and folders that a word may become: those of the folder that it names so far. */
export function flowFileCandidates(word: string, cwd: string): string[] {
  const folder = word.slice(0, word.lastIndexOf("/") + 1);
  try {
    return readdirSync(resolve(cwd, folder), { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
      .slice(0, MAX_FILES)
      .flatMap((entry) => {
        if (entry.isDirectory()) return [`${folder}${entry.name}/`];
        return isFlowFile(join(resolve(cwd, folder), entry.name)) ? [`${folder}${entry.name}`] : [];
      });
  } catch {
    return [];
  }
}

function isFlowFile(file: string): boolean {
  return codeExtensions.some((extension) => file.endsWith(extension)) && /["']millrace["']/.test(readFileSync(file, "utf8"));
}

/** Names of the flows that have run. */
export async function flowNameCandidates(host: Host): Promise<readonly string[]> {
  return (await (await openHere(host))?.flows()) ?? [];
}

/** The newest runs of every flow. */
export async function runCandidates(host: Host): Promise<readonly string[]> {
  const datastore = await openHere(host);
  if (datastore === undefined) return [];
  const flows = await datastore.flows();
  const runs = await Promise.all(
    flows.map(async (flow) => [`${flow}/latest`, ...(await datastore.runIds(flow)).slice(0, MAX_RUNS).map((run) => `${flow}/${run}`)]),
  );
  return runs.flat();
}

/** Undefined when the settings are wrong: a shell that completes is no place to say so. */
async function openHere({ cwd, environment }: Host): Promise<Datastore | undefined> {
  try {
    return await openDatastore(readSettings({ root: findProjectRoot(cwd), cwd, environment, flags: {} }));
  } catch {
    return undefined;
  }
}
