import type { CodePackage } from "../bundle/code-package.js";
import { importedAtTop } from "../packing/named-packages.js";
import type { UnlockedPackage } from "../packing/lockfile.js";
import type { RunStore } from "../datastore/run-store.js";
import type { DecoratorUse, FlowDefinition } from "../core/definition.js";
import type { GraphStep } from "../core/graph.js";
import { formatBytes } from "../core/quantity-text.js";
import type { CodeRef } from "../core/records.js";
import type { RunEvent } from "../core/run-event.js";

/** The parameters that the code has gained since an earlier run. */
export function gainedParameters({ pathspec, record }: RunStore, { parameters }: FlowDefinition): RunEvent[] {
  const gained = parameters.filter(({ name }) => record.parameters[name] === undefined);
  return gained.map(({ name }) => notice("info", "parameter-gained", `${pathspec} had no parameter ${name}; this run takes its default.`));
}

/** What a run's reader should know beside its tasks. */
export function notice(level: "info" | "warning", code: string, text: string): RunEvent {
  return { type: "notice", time: Date.now(), level, code, text };
}

/** Decorators that this version records and does not act on. */
const INACTIVE = new Set(["kubernetes"]);

export function inactiveDecorators(steps: readonly GraphStep[]): RunEvent[] {
  const uses: readonly DecoratorUse[] = steps.flatMap((step) => step.decorators);
  const names = [...new Set(uses.map((use) => use.name).filter((name) => INACTIVE.has(name)))];
  if (names.length === 0) return [];
  const list = names.map((name) => `@${name}`).join(", ");
  return [
    notice(
      "warning",
      "decorator-inactive",
      `${list}: recorded, but this version does not act on ${names.length === 1 ? "it" : "them"}: such steps run on this machine.`,
    ),
  ];
}

/** Bytes above which a flow's code is worth a look: every job fetches it. */
const LARGE_CODE_BYTES = 100 * 1000 * 1000;

/** Told when much travels to other machines. */
export function largeCode({ remote }: CodeRef, flow: string): RunEvent[] {
  const bytes = remote === undefined ? 0 : remote.archives.reduce((sum, archive) => sum + archive.bytes, 0);
  if (bytes <= LARGE_CODE_BYTES) return [];
  return [notice("warning", "code-large", `Every job fetches ${formatBytes(bytes)} of code and files: millrace package ${flow} tells what it is.`)];
}

/** Told when `@npm` of a step names what the flow imports at the top of a file, which is the same in all steps. */
export function topImports(steps: readonly GraphStep[], code: CodePackage): RunEvent[] {
  return importedAtTop(steps, code).map(({ step, name, file }) =>
    notice(
      "warning",
      "npm-imported-at-top",
      `${file} imports ${name} at its top: that is the project's version, in every step. For the version of @npm, import it within ${step}: await import("${name}").`,
    ),
  );
}

/** Told when jobs get other versions than the lockfile's, because these are installed. */
export function unlockedPackages(unlocked: readonly UnlockedPackage[]): RunEvent[] {
  const [first] = unlocked;
  if (first === undefined) return [];
  const list = unlocked.map(({ name, installed, locked }) => `${name} ${installed} instead of ${locked.join(" or ")}`).join(", ");
  const text = `Jobs get what is installed, which is not what ${first.lockfile} says: ${list}. Install what it says (npm ci) to have that.`;
  return [notice("warning", "packages-not-locked", text)];
}

/** Lines of a flow's own printing at module scope that are shown. */
const LINES_AT_LOAD = 100;

/** What the flow's modules and initialisers printed: it belongs to no task, so it is shown with the run. */
export function printedAtLoad(printed: string, file: string): RunEvent[] {
  const told = printed.split(/\r?\n/).filter((line) => line.trim() !== "");
  const shown = told.slice(0, LINES_AT_LOAD).map((line) => notice("info", "printed-at-load", `${file} printed: ${line}`));
  if (told.length > shown.length) shown.push(notice("info", "printed-at-load", `${file} printed ${told.length - shown.length} more lines.`));
  return shown;
}
