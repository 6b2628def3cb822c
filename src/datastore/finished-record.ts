import { isMillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { AttemptRecord } from "../core/records.js";
import type { ObjectStore } from "../store/object-store.js";
import { findIndexedSync, type AttemptName } from "./attempt-index.js";
import { doneKey } from "./layout.js";
import { decodeRecord } from "./record-file.js";

/**
 * The record of a finished task: its own, or the index's copy of one that is damaged or gone. Undefined when the task
 * has none.
 * @throws MillraceError `record-damaged` when there is no copy either
 */
export function finishedRecordSync(store: ObjectStore, name: Omit<AttemptName, "failedAttempt">): AttemptRecord | undefined {
  const { flow, run, step, task } = name;
  const key = doneKey(flow, run, step, task);
  const bytes = store.getSync(key);
  if (bytes === undefined) return findIndexedSync(store, name);
  try {
    return decodeRecord<AttemptRecord>(bytes, formatPathspec(flow, run, step, task), key);
  } catch (error) {
    const copy = isMillraceError(error, "record-damaged") ? findIndexedSync(store, name) : undefined;
    if (copy === undefined) throw error;
    return copy;
  }
}
