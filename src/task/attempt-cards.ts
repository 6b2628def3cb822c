import { cardArtifacts } from "../cards/card-artifacts.js";
import { cardsOf } from "../cards/card-definition.js";
import type { CardSubject } from "../cards/card-subject.js";
import type { TaskCards } from "../cards/task-cards.js";
import type { AttemptRecord } from "../core/records.js";
import type { GraphStep } from "../core/graph.js";
import type { SecretMask } from "../core/secret-mask.js";
import { formatLog, parseLog, type LogLine } from "../datastore/task-log.js";
import type { RunContext } from "./run-context.js";
import type { TaskOutput } from "./workplace.js";

/** Bytes of output that a card looks at. */
const LOG_BYTES = 200_000;

/** The cards of an attempt; undefined when its step has none, and then nothing of cards is loaded. */
export async function openCards(
  context: RunContext,
  step: GraphStep,
  output: TaskOutput,
  draft: () => AttemptRecord,
  mask: SecretMask | undefined,
): Promise<TaskCards | undefined> {
  const cards = cardsOf(step);
  if (cards.length === 0) return undefined;
  const { TaskCards: Cards } = await import("../cards/task-cards.js");
  return new Cards({
    cards,
    run: context.run,
    subject: () => ({ ...cardSubject(context, output, draft()), record: { ...draft(), status: "running" } }),
    say: (line) => output.say(line),
    mask: (html) => mask?.text(html) ?? html,
  });
}

/** What the cards of an attempt tell, by the record that it is going to leave. */
export function cardSubject({ run, records, artifacts }: RunContext, output: TaskOutput, record: AttemptRecord): CardSubject {
  return {
    run: run.record,
    record,
    log: lastLines(output),
    artifacts: cardArtifacts(record, records, artifacts),
  };
}

function lastLines(output: TaskOutput): readonly LogLine[] {
  const printed = output.soFar(LOG_BYTES);
  return printed === undefined ? [] : parseLog(formatLog(printed.pieces));
}
