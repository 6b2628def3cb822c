import type { AttemptRecord } from "../core/records.js";
import type { RunStore } from "../datastore/run-store.js";

/**
 * Adds to the record that an attempt has left why the datastore had to be asked again meanwhile: the scheduler, which reads the
 * record anyway, says it. Only a job that met trouble pays for the request.
 * @param json The record as it stands.
 */
export async function noteTrouble(run: RunStore, json: string, trouble: string): Promise<void> {
  const record: AttemptRecord = { ...(JSON.parse(json) as AttemptRecord), trouble };
  // The attempt is on record as it is.
  await run.writeAttempt(record, JSON.stringify(record)).catch(() => {});
}
