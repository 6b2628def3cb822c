import { MillraceError } from "./errors/millrace-error.js";
import type { RunRecord } from "./records.js";

/** Tags a run may have beside those that millrace gives it. */
export const MAX_TAGS = 50;
/** Characters of one tag. */
export const MAX_TAG_LENGTH = 500;

/** How millrace's own tags begin: each run has them, and nobody can take them away. */
export const systemTagPrefixes: readonly string[] = ["user:", "node:", "millrace:", "project:", "project_branch:"];

/** The tags that millrace gives a run: who ran it, on what, for which project. */
export function systemTags({ user, node, millrace, project }: RunRecord): readonly string[] {
  const ofProject = project === undefined ? [] : [`project:${project.name}`, `project_branch:${project.branch}`];
  return [`user:${user}`, `node:${node}`, `millrace:${millrace}`, ...ofProject];
}

/** A change of a run's tags: `remove` first, then `add`. */
export interface TagEdit {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * The tags after an edit, in the order they came. Adding a tag that is there, or one of the run's system tags, changes
 * nothing, and neither does removing one that is not there.
 * @throws MillraceError `tag-invalid`, `tag-reserved`, `tag-system`, `tag-limit`
 */
export function editTags(before: readonly string[], { add, remove }: TagEdit, system: readonly string[]): readonly string[] {
  const fixed = remove.find((tag) => system.includes(tag));
  if (fixed !== undefined) throw new MillraceError("tag-system", { tag: fixed });
  const added = checkTags(add.filter((tag) => !system.includes(tag)));
  const after = new Set(before.filter((tag) => !remove.includes(tag)));
  for (const tag of added) after.add(tag);
  if (after.size > MAX_TAGS && after.size > before.length) throw new MillraceError("tag-limit", { count: after.size, limit: MAX_TAGS });
  return [...after];
}

/**
 * The tags of a new run, each once.
 * @throws MillraceError as {@link editTags}
 */
export function newTags(tags: readonly string[]): readonly string[] {
  return editTags([], { add: tags, remove: [] }, []);
}

function checkTags(tags: readonly string[]): readonly string[] {
  for (const tag of tags) {
    const reason = whatIsWrong(tag);
    if (reason !== undefined) throw new MillraceError("tag-invalid", { tag: tag.slice(0, 60), reason });
    const prefix = systemTagPrefixes.find((start) => tag.startsWith(start));
    if (prefix !== undefined) throw new MillraceError("tag-reserved", { tag, prefix });
  }
  return tags;
}

function whatIsWrong(tag: string): string | undefined {
  if (tag.trim() === "") return "it is empty";
  const length = Array.from(tag).length;
  if (length > MAX_TAG_LENGTH) return `it has ${length} characters; ${MAX_TAG_LENGTH} are allowed`;
  if (/\p{Cc}/u.test(tag)) return "it holds a line break or another control character";
  if (/\p{Cs}/u.test(tag)) return "it is not valid Unicode";
  return undefined;
}
