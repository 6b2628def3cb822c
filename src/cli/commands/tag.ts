import { MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { systemTags, type TagEdit } from "../../core/tags.js";
import type { RunStore } from "../../datastore/run-store.js";
import { writeTags } from "../../datastore/run-tags.js";
import type { Arguments } from "../arguments.js";
import { tidy } from "../../store/open-store.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { openNamedRun } from "../reading/named-run.js";
import type { Screen } from "../screen.js";
import { printJson, simpleCommand } from "../simple-command.js";

/** What millrace tag can do. */
export const tagActions = ["add", "remove", "replace", "list"] as const;

type TagAction = (typeof tagActions)[number];

export const tagCommand = simpleCommand({
  name: "tag",
  usage: "add|remove|replace|list RUN [TAG …] [options]",
  description: [
    "Changes or lists the tags of a run, also while it runs. A run has at most 50, each of 1 to 500 characters.",
    "Tags that millrace gives by itself (user:, node:, millrace:, project:, project_branch:) stay.",
  ].join("\n"),
  options: [
    { name: "add", placeholder: "TAG", help: "with replace: a tag to add (repeatable)", repeatable: true },
    { name: "remove", placeholder: "TAG", help: "with replace: a tag to remove (repeatable)", repeatable: true },
    ...readingOptions,
  ],
  examples: [
    { command: "millrace tag add ScoreFlow/12 good reviewed", does: "two tags more" },
    { command: "millrace tag remove ScoreFlow/latest candidate", does: "one less" },
    { command: "millrace tag replace ScoreFlow/12 candidate released", does: "both at once: no one sees it without either" },
    { command: "millrace tag list ScoreFlow/12", does: "its tags, then millrace's own" },
  ],
  words: { least: 2, most: Number.POSITIVE_INFINITY, what: "what to do, and a run" },

  async work({ words: [word = "", text = "", ...tags], arguments: given, settings, screen }) {
    const action = tagActions.find((known) => known === word);
    if (action === undefined) throw new MillraceError("tag-action-unknown", { action: word, nearest: nearestName(word, tagActions) });
    const { run, pathspec, datastore } = await openNamedRun(settings, text);
    if (pathspec.step !== undefined) {
      throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "run", example: `millrace tag ${action} ${run.pathspec}` });
    }
    const edit = readEdit(action, tags, given);
    const after = edit === undefined ? await run.tags() : await writeTags(run, { edit, user: settings.userName, now: Date.now() });
    tidy(datastore.store);
    if (settings.json) printJson(screen, { pathspec: run.pathspec, tags: after, systemTags: systemTags(run.record) });
    else if (edit === undefined) printTags(run, after, screen);
    else screen.out.write(`${screen.colors.bold(run.pathspec)} has ${after.length === 0 ? "no tags" : `the tags ${after.join(", ")}`}\n`);
    return exitCodes.done;
  },
});

/** Undefined: nothing is to be changed. */
function readEdit(action: TagAction, tags: readonly string[], given: Arguments): TagEdit | undefined {
  const add = given.options.get("add")?.values ?? [];
  const remove = given.options.get("remove")?.values ?? [];
  if (action !== "replace" && (add.length > 0 || remove.length > 0)) {
    throw new MillraceError("options-exclude", { options: `${action} and ${add.length > 0 ? "--add" : "--remove"}` });
  }
  if (action === "list") {
    const [surplus] = tags;
    if (surplus !== undefined)
      throw new MillraceError("argument-unexpected", { command: "tag list", argument: surplus, usage: "millrace tag list RUN" });
    return undefined;
  }
  const edit = action === "replace" ? replacement(tags, { add, remove }) : { add: [], remove: [], [action]: tags };
  if (edit.add.length === 0 && edit.remove.length === 0) throw new MillraceError("tag-nothing", { action });
  return edit;
}

/** `OLD NEW`, or the tags of `--remove` and `--add`. */
function replacement(words: readonly string[], options: TagEdit): TagEdit {
  const [old, fresh, ...more] = words;
  if (old === undefined) return options;
  const usage = "millrace tag replace RUN OLD NEW";
  if (fresh === undefined) throw new MillraceError("argument-missing", { command: "tag replace", argument: "the tag that takes its place", usage });
  const [surplus] = more;
  if (surplus !== undefined) throw new MillraceError("argument-unexpected", { command: "tag replace", argument: surplus, usage });
  return { add: [fresh, ...options.add], remove: [old, ...options.remove] };
}

function printTags({ record }: RunStore, tags: readonly string[], { out, colors }: Screen): void {
  for (const tag of tags) out.write(`${tag}\n`);
  for (const tag of systemTags(record)) out.write(`${colors.gray(tag)}\n`);
}
