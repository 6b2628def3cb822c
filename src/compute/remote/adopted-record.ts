import type { AttemptRecord } from "../../core/records.js";
import type { TaskSpec } from "../../core/task-spec.js";
import { cardKey, cardsPrefix, parseCardName } from "../../datastore/layout.js";
import type { RunStore } from "../../datastore/run-store.js";
import { inRun, type LivingJob } from "./living-jobs.js";

/**
 * Writes what an earlier run's job has left of its attempt as this run's own: the log, the cards, and, last, the record. What it
 * refers to in its own run is referred to there.
 */
export async function adoptRecord(record: AttemptRecord, { run: from }: LivingJob, to: RunStore, spec: TaskSpec): Promise<AttemptRecord> {
  const { step, task, attempt } = spec;
  const log = record.log === undefined ? undefined : await from.log(step, task, record.attempt);
  if (log !== undefined) await to.writeLog(step, task, attempt, log);
  await copyCards(record, from, to, spec);
  const adopted: AttemptRecord = {
    ...record,
    run: to.id,
    attempt,
    parents: spec.parents,
    ...(spec.foreach.length > 0 && { foreach: spec.foreach }),
    inherited: Object.fromEntries(Object.entries(record.inherited).map(([ref, names]) => [inRun(ref, from.id), names])),
  };
  await to.writeAttempt(adopted, JSON.stringify(adopted));
  return adopted;
}

async function copyCards({ attempt: number }: AttemptRecord, from: RunStore, to: RunStore, { step, task, attempt }: TaskSpec): Promise<void> {
  const decorated = from.record.graph.steps.find(({ name }) => name === step)?.decorators.some(({ name }) => name === "card");
  if (decorated !== true) return;
  for (const name of await from.store.listNames(cardsPrefix(from.flow, from.id, step))) {
    const place = parseCardName(name);
    if (place === undefined || place.task !== task || place.attempt !== number) continue;
    const page = await from.store.get(cardKey(from.flow, from.id, step, place));
    if (page !== undefined) await to.store.put(cardKey(to.flow, to.id, step, { ...place, attempt }), [page]);
  }
}
