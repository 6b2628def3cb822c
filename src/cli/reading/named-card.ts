import { cardsOf, type CardDefinition } from "../../cards/card-definition.js";
import { drawFromRecord, readCard, type CardPage } from "../../cards/card-page.js";
import { listCards, type CardState, type ListedCard } from "../../cards/task-card-list.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { Pathspec } from "../../core/pathspec.js";
import type { RunStore } from "../../datastore/run-store.js";
import type { EndedTask, RunTasks } from "../../datastore/run-tasks.js";
import { requireTask, selectTasks } from "../../datastore/task-selection.js";

/** Which card of those that a pathspec names. */
export interface CardChoice {
  readonly run: RunStore;
  readonly pathspec: Pathspec;
  /** As it was given, for messages. */
  readonly text: string;
  readonly tasks: RunTasks;
  /** Its id, else its type. */
  readonly id: string | undefined;
  /** Undefined: the latest that has a card. */
  readonly attempt: number | undefined;
}

/** One card that can be shown: stored, or drawn from the record of an attempt that was killed before it stored one. */
interface Candidate {
  readonly pathspec: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: CardState;
  /** Its key in the run's store, where it is stored. */
  readonly stored?: ListedCard;
  readonly hasId: boolean;
  read(): Promise<CardPage | undefined>;
}

export interface NamedCard extends CardPage {
  readonly pathspec: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: CardState;
  readonly listed: ListedCard | undefined;
  /** Other cards of the same task. */
  readonly others: readonly string[];
}

/**
 * Finds the one card that a choice means: of several cards of one task, the one that `current.card` is.
 * @throws MillraceError `card-missing`, `card-ambiguous`, `task-unknown`
 */
export async function findCard(choice: CardChoice): Promise<NamedCard> {
  const { run, pathspec, tasks, id, attempt, text } = choice;
  const stored = latestOf(await listCards(run, tasks, pathspec), attempt).map(fromStored);
  const all = [...stored, ...undrawn(choice, stored)];
  if (all.length === 0) throw missing(choice);
  const ofId = id === undefined ? all : all.filter(({ name }) => name === id);
  if (ofId.length === 0 && id !== undefined) {
    throw new MillraceError("card-missing", { pathspec: text, reason: "unknown-id", id, known: [...new Set(all.map(({ name }) => name))] });
  }
  const [first] = ofId;
  const isOneTask = ofId.every((candidate) => candidate.pathspec === first?.pathspec);
  const chosen = ofId.length === 1 ? first : isOneTask ? ofId.find(({ hasId }) => !hasId) : undefined;
  if (chosen === undefined) throw ambiguous(text, ofId);
  const page = await chosen.read();
  if (page === undefined) throw missing(choice);
  const { name, state } = chosen;
  const others = ofId.filter((candidate) => candidate !== chosen).map((candidate) => candidate.name);
  return { ...page, pathspec: chosen.pathspec, name, attempt: chosen.attempt, state, listed: chosen.stored, others };
}

/** Of each task's cards, those of the latest attempt that has the card, or of the one that is asked for. */
function latestOf(cards: readonly ListedCard[], attempt: number | undefined): readonly ListedCard[] {
  if (attempt !== undefined) return cards.filter(({ stored }) => stored.attempt === attempt);
  const latest = new Map<string, ListedCard>();
  for (const card of cards) latest.set(`${card.pathspec} ${card.stored.card}`, card);
  return [...latest.values()];
}

function fromStored(card: ListedCard): Candidate {
  const { pathspec, stored, state, definition } = card;
  const hasId = definition?.id !== undefined;
  return { pathspec, name: stored.card, attempt: stored.attempt, state, stored: card, hasId, read: () => readCard(card) };
}

/** Cards of attempts that failed without storing any. */
function undrawn({ tasks, pathspec, attempt }: CardChoice, stored: readonly Candidate[]): Candidate[] {
  const seen = new Set(stored.map((candidate) => `${candidate.pathspec} ${candidate.name}`));
  return selectTasks(tasks.tasks, pathspec).flatMap((task) => {
    const { record, ranIn, step } = task;
    if (record?.status !== "failed" || (attempt !== undefined && attempt !== record.attempt)) return [];
    const ended: EndedTask = { ...task, record };
    const node = ranIn.record.graph.steps.find(({ name }) => name === step);
    return (node === undefined ? [] : cardsOf(node))
      .filter(({ name }) => !seen.has(`${task.pathspec} ${name}`))
      .map((card) => fromRecord(card, ended));
  });
}

function fromRecord(card: CardDefinition, task: EndedTask): Candidate {
  const { pathspec, attempt } = task;
  return { pathspec, name: card.name, attempt, state: "failed", hasId: card.id !== undefined, read: () => drawFromRecord(card, task) };
}

function missing({ run, pathspec, tasks, text }: CardChoice): MillraceError<"card-missing"> {
  requireTask(run, tasks.tasks, pathspec);
  const steps = run.record.graph.steps.filter(({ name }) => pathspec.step === undefined || name === pathspec.step);
  const isAtWork = selectTasks(tasks.tasks, pathspec).some(({ status }) => status === "running");
  const reason = steps.every((step) => cardsOf(step).length === 0) ? "no-card" : isAtWork ? "running" : "not-stored";
  return new MillraceError("card-missing", { pathspec: text, reason, known: [] });
}

const LISTED_CHOICES = 6;

function ambiguous(text: string, candidates: readonly Candidate[]): MillraceError<"card-ambiguous"> {
  const several = new Set(candidates.map(({ name }) => name)).size > 1;
  const choices = candidates.slice(0, LISTED_CHOICES).map(({ pathspec, name }) => (several ? `${pathspec} --id ${name}` : pathspec));
  return new MillraceError("card-ambiguous", { pathspec: text, choices, count: candidates.length });
}
