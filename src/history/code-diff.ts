import { createTwoFilesPatch, diffLines } from "diff";
import { RunCode } from "../client/run-code.js";
import { isMillraceError } from "../core/errors/millrace-error.js";
import type { RunStore } from "../datastore/run-store.js";

/** How the code of two runs differs. */
export interface CodeDiff {
  readonly same: boolean;
  /** Files that only one has, or that differ. */
  readonly files: readonly FileDiff[];
  /** Packages that one of them imports. */
  readonly packages: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Why it could not be compared. */
  readonly unreadable?: string;
}

export interface FileDiff {
  /** Relative to the project's root. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly addedLines: number;
  readonly removedLines: number;
  /** A unified diff. */
  readonly patch: string;
}

/** Lines of the same around each difference. */
const CONTEXT = 3;

export async function compareCode(before: RunStore, after: RunStore): Promise<CodeDiff> {
  const nothing: CodeDiff = { same: true, files: [], packages: { added: [], removed: [] } };
  if (before.record.code.hash === after.record.code.hash) return nothing;
  try {
    return await comparePackages(before, after);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { ...nothing, same: false, unreadable: error.message };
  }
}

async function comparePackages(before: RunStore, after: RunStore): Promise<CodeDiff> {
  const [was, is] = [new RunCode(before), new RunCode(after)];
  const [filesBefore, filesAfter] = await Promise.all([textsOf(was), textsOf(is)]);
  const files: FileDiff[] = [];
  for (const path of new Set([...filesAfter.keys(), ...filesBefore.keys()])) {
    const [a, b] = [filesBefore.get(path), filesAfter.get(path)];
    if (a !== b) files.push(fileDiff(path, a, b));
  }
  const [packagesBefore, packagesAfter] = await Promise.all([was.packages(), is.packages()]);
  const packages = {
    added: packagesAfter.filter((name) => !packagesBefore.includes(name)),
    removed: packagesBefore.filter((name) => !packagesAfter.includes(name)),
  };
  return { same: false, files, packages };
}

async function textsOf(code: RunCode): Promise<ReadonlyMap<string, string>> {
  return new Map((await code.files()).map(({ path, text }) => [path, text]));
}

function fileDiff(path: string, before: string | undefined, after: string | undefined): FileDiff {
  const parts = diffLines(before ?? "", after ?? "");
  const count = (kind: "added" | "removed"): number => parts.reduce((sum, part) => sum + (part[kind] ? part.count : 0), 0);
  const names = [before === undefined ? "/dev/null" : `a/${path}`, after === undefined ? "/dev/null" : `b/${path}`] as const;
  const patch = createTwoFilesPatch(names[0], names[1], before ?? "", after ?? "", undefined, undefined, { context: CONTEXT });
  return {
    path,
    kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    addedLines: count("added"),
    removedLines: count("removed"),
    patch: patch.replace(/^=+\n/, ""),
  };
}
