import { formatPathspec, type Pathspec } from "../core/pathspec.js";
import { compareTaskIds } from "../core/task-id.js";
import { formatTaskRef, parseTaskRef, unpackTaskRefs } from "../core/task-ref.js";
import { CardStore, type StoredCard } from "../datastore/card-store.js";
import { RunStore } from "../datastore/run-store.js";
import type { RunTask, RunTasks } from "../datastore/run-tasks.js";
import { cardsOf, type CardDefinition } from "./card-definition.js";

/** How the attempt went that a card tells of; `stopped`: it ended with its run, and left no record. */
export type CardState = "running" | "done" | "failed" | "stopped";

/** A card of a run's tasks, with what is known of the attempt that it tells of. */
export interface ListedCard {
  /** The task, in the run that was asked for, also when an earlier run did the work. */
  readonly pathspec: string;
  /** The run that did the work, and has the card. */
  readonly ranIn: RunStore;
  readonly stored: StoredCard;
  readonly state: CardState;
  /** What its `@card` says; undefined when the step has none of that name. */
  readonly definition: CardDefinition | undefined;
}

/** The stored cards of a run, or of the step or task that the pathspec names, in the flow's order; reused tasks' too. */
export async function listCards(run: RunStore, tasks: RunTasks, wanted: Pathspec): Promise<readonly ListedCard[]> {
  const reused = await reusedByRun(run);
  const cards: ListedCard[] = [];
  for (const { name: step } of run.record.graph.steps) {
    if (wanted.step !== undefined && wanted.step !== step) continue;
    const found = await cardsOfStep(run, step);
    for (const { origin, refs } of reused) {
      if (!refs.steps.has(step)) continue;
      found.push(...(await cardsOfStep(origin, step)).filter(({ stored }) => refs.tasks.has(formatTaskRef(step, stored.task))));
    }
    found.sort((a, b) => compareTaskIds(a.stored.task, b.stored.task) || a.stored.attempt - b.stored.attempt);
    for (const { stored, ranIn, definition } of found) {
      if (wanted.task !== undefined && wanted.task !== stored.task) continue;
      cards.push({ pathspec: formatPathspec(run.flow, run.id, step, stored.task), ranIn, stored, state: stateOf(stored, tasks), definition });
    }
  }
  return cards;
}

/** The stored cards of a task's attempt. */
export async function cardsOfTask({ ranIn, step, task, attempt, status, pathspec }: RunTask): Promise<readonly ListedCard[]> {
  const found = await cardsOfStep(ranIn, step);
  return found.filter(({ stored }) => stored.task === task && stored.attempt === attempt).map((card) => ({ ...card, pathspec, state: status }));
}

async function cardsOfStep(run: RunStore, step: string): Promise<Pick<ListedCard, "stored" | "ranIn" | "definition">[]> {
  const node = run.record.graph.steps.find(({ name }) => name === step);
  const definitions = node === undefined ? [] : cardsOf(node);
  const stored = await new CardStore(run).list(step);
  return stored.map((card) => ({ stored: card, ranIn: run, definition: definitions.find(({ name }) => name === card.card) }));
}

/** Earlier attempts than the latest on record have failed; a later one is at work while its run is, also before the lease says so. */
function stateOf({ step, task, attempt }: StoredCard, tasks: RunTasks): CardState {
  const known = tasks.get(step, task);
  if (known === undefined || attempt > known.attempt) return tasks.status === "running" ? "running" : "stopped";
  return attempt < known.attempt ? "failed" : known.status;
}

interface Reused {
  readonly origin: RunStore;
  readonly refs: { readonly steps: ReadonlySet<string>; readonly tasks: ReadonlySet<string> };
}

/** The tasks that earlier runs finished for this one. */
async function reusedByRun(run: RunStore): Promise<readonly Reused[]> {
  const byRun = new Map<string, { readonly steps: Set<string>; readonly tasks: Set<string> }>();
  for (const ref of unpackTaskRefs((await run.reused())?.tasks ?? [])) {
    const { run: origin, step, task } = parseTaskRef(ref);
    if (origin === undefined) continue;
    const refs = byRun.get(origin) ?? { steps: new Set(), tasks: new Set() };
    byRun.set(origin, refs);
    refs.steps.add(step);
    refs.tasks.add(formatTaskRef(step, task));
  }
  const reused: Reused[] = [];
  for (const [id, refs] of byRun) {
    const origin = await RunStore.open(run.store, run.flow, id);
    if (origin !== undefined) reused.push({ origin, refs });
  }
  return reused;
}
