import { hostname } from "node:os";
import type { ForeachFrame } from "../core/records.js";
import type { Transition } from "../core/transition.js";
import { ArtifactWriter } from "../datastore/artifacts/artifact-writer.js";
import { writeItems } from "../datastore/artifacts/items-writer.js";
import { attemptRecord } from "../datastore/attempt-record.js";
import type { RunContext } from "../task/run-context.js";

/** A task that a test says has been done. */
export interface WrittenTask {
  readonly step: string;
  readonly task: string;
  readonly foreach: readonly ForeachFrame[];
  readonly next: Transition;
  readonly items?: readonly unknown[];
  /** What it has set. */
  readonly artifacts?: Readonly<Record<string, unknown>>;
}

/** Writes the record that the task would have left. @throws MillraceError `value-not-storable` */
export async function writeFinishedTask({ run }: RunContext, { items, artifacts = {}, ...place }: WrittenTask): Promise<void> {
  const writer = new ArtifactWriter(run.store);
  const written = items === undefined ? undefined : await writeItems(run.store, writer, items);
  const { startedAt } = run.record;
  const record = attemptRecord(
    { flow: run.flow, run: run.id, ...place, attempt: 0, parents: [], mode: "run", retriesLeft: 0, maxNumSplits: 0, maxLogBytes: 0 },
    {
      status: "done",
      startedAt,
      finishedAt: startedAt,
      host: hostname(),
      pid: process.pid,
      artifacts: Object.fromEntries(Object.entries(artifacts).map(([name, value]) => [name, writer.write(value, name)])),
      next: place.next,
      items: written?.items,
    },
  );
  await run.writeAttempt(record, JSON.stringify(record));
}
