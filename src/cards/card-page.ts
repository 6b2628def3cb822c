import { CardStore } from "../datastore/card-store.js";
import { ArtifactReader } from "../datastore/artifacts/artifact-reader.js";
import type { EndedTask } from "../datastore/run-tasks.js";
import { readAttemptLog } from "../datastore/task-log-reader.js";
import { TaskRecords } from "../datastore/task-records.js";
import { cardArtifacts } from "./card-artifacts.js";
import type { CardDefinition } from "./card-definition.js";
import { endedPage, isRunningPage } from "./page/ended-page.js";
import { drawCard } from "./page/page.js";
import type { ListedCard } from "./task-card-list.js";

/** A card to look at. */
export interface CardPage {
  readonly html: string;
  /** It stands like this in the datastore. */
  readonly isStored: boolean;
}

/** A stored card, as it is to be shown; undefined when it has gone meanwhile. */
export async function readCard({ ranIn, stored, state }: ListedCard): Promise<CardPage | undefined> {
  const html = await new CardStore(ranIn).read(stored);
  if (html === undefined) return undefined;
  const isLeftOver = isRunningPage(html) && (state === "failed" || state === "stopped");
  if (!isLeftOver) return { html, isStored: true };
  const record = state === "failed" ? await ranIn.failed(stored.step, stored.task, stored.attempt) : undefined;
  return { html: endedPage(html, state, record?.failure), isStored: false };
}

/** The card of an attempt whose process could not store one (it was killed): drawn from the attempt's record. */
export async function drawFromRecord(card: CardDefinition, { ranIn, record }: EndedTask): Promise<CardPage> {
  const { step, task, attempt } = record;
  const records = new TaskRecords(ranIn.store, ranIn.record);
  const log = await readAttemptLog(ranIn, step, task, attempt);
  const subject = { run: ranIn.record, record, log, artifacts: cardArtifacts(record, records, new ArtifactReader(ranIn.store)) };
  return { html: drawCard(card, subject, []).html, isStored: false };
}
