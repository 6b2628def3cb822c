import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import { LAYOUT_VERSION, type RunRecord, type TagsRecord } from "../core/records.js";
import { editTags, systemTags, type TagEdit } from "../core/tags.js";
import type { ObjectStore } from "../store/object-store.js";
import { parseTagsName, runKey, tagsKey, tagsPrefix } from "./layout.js";
import { decodeRecord, encodeRecord } from "./record-file.js";

/** A run, as far as its tags go. */
interface TaggedRun {
  readonly store: ObjectStore;
  readonly record: RunRecord;
}

export interface RunTags {
  readonly tags: readonly string[];
  /** The number of the last edit; 0 when there was none. */
  readonly edit: number;
}

/** A run's tags as they are now. An edit whose record is damaged is passed over for the one before it. */
export async function readTags({ store, record }: TaggedRun): Promise<RunTags> {
  const { flow, run } = record;
  const edits = (await store.listNames(tagsPrefix(flow, run))).map((name) => parseTagsName(name) ?? 0).toSorted((a, b) => b - a);
  const [last = 0] = edits;
  for (const edit of edits) {
    const tags = edit === 0 ? undefined : await readEdit(store, record, edit);
    if (tags !== undefined) return { tags, edit: last };
  }
  return { tags: record.tags, edit: last };
}

async function readEdit(store: ObjectStore, { flow, run }: RunRecord, edit: number): Promise<readonly string[] | undefined> {
  const key = tagsKey(flow, run, edit);
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  try {
    return decodeRecord<TagsRecord>(bytes, `the tags of ${formatPathspec(flow, run)}`, key).tags;
  } catch (error) {
    if (isMillraceError(error, "record-damaged")) return undefined;
    throw error;
  }
}

export interface EditTagsOptions {
  readonly edit: TagEdit;
  /** Who edits. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Changes a run's tags and returns them. Each edit is an object of its own, whose number is taken by creating it if it is
 * absent: of two writers at once the second finds its number taken, and makes its change again on what the first wrote.
 * @throws MillraceError as `editTags`; `run-dropped` when a clean-up drops the run at this moment
 */
export async function writeTags(target: TaggedRun, { edit, user, now }: EditTagsOptions): Promise<readonly string[]> {
  const { store, record } = target;
  for (;;) {
    const before = await readTags(target);
    const tags = editTags(before.tags, edit, systemTags(record));
    if (sameTags(tags, before.tags)) return before.tags;
    const written: TagsRecord = { format: LAYOUT_VERSION, tags, editedAt: now, user };
    const key = tagsKey(record.flow, record.run, before.edit + 1);
    if (!(await store.put(key, [encodeRecord(JSON.stringify(written))], { ifAbsent: true }))) continue;
    await checkDropped(target);
    return tags;
  }
}

/** A clean-up looks at the edits after it has marked a run, and this looks for the mark after the edit: one of them sees the other. */
async function checkDropped({ store, record: { flow, run } }: TaggedRun): Promise<void> {
  const pathspec = formatPathspec(flow, run);
  const key = runKey(flow, run);
  const bytes = await store.get(key);
  const record = bytes === undefined ? undefined : decodeRecord<RunRecord>(bytes, pathspec, key);
  if (record === undefined || record.dropped !== undefined) throw new MillraceError("run-dropped", { pathspec });
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag, place) => tag === b[place]);
}
