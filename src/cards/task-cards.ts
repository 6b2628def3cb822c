import { messageOf } from "../core/errors/millrace-error.js";
import { CardStore } from "../datastore/card-store.js";
import type { RunStore } from "../datastore/run-store.js";
import type { TaskCard } from "../flow/task-card.js";
import { AbsentCard } from "./absent-card.js";
import type { CardDefinition } from "./card-definition.js";
import { CardDraft } from "./card-draft.js";
import type { CardSubject } from "./card-subject.js";
import { drawCard, drawProblem } from "./page/page.js";

export interface TaskCardsOptions {
  readonly cards: readonly CardDefinition[];
  readonly run: RunStore;
  /** What there is to tell while the attempt is at work. */
  subject(): CardSubject;
  /** Adds a line to the task's log. */
  say(line: string): void;
  /** Takes what must not be kept out of a page. */
  mask(html: string): string;
}

/**
 * The cards of one attempt: what `current.card` writes into, stored while the step runs and when it has ended. Nothing
 * here throws: what goes wrong is a line in the task's log, once.
 */
export class TaskCards {
  /** What `current.card` is. */
  readonly main: TaskCard;
  readonly #options: TaskCardsOptions;
  readonly #store: CardStore;
  readonly #drafts: readonly CardDraft[];
  readonly #told = new Set<string>();

  constructor(options: TaskCardsOptions) {
    this.#options = options;
    this.#store = new CardStore(options.run);
    const keeper = { store: (draft: CardDraft) => this.#save([draft], options.subject), find: (id: string) => this.#find(id) };
    this.#drafts = options.cards.map((definition) => new CardDraft(definition, keeper));
    const main = this.#drafts.find(({ definition }) => definition.id === undefined) ?? this.#drafts[0];
    this.main = main ?? new AbsentCard("the step has no @card", options.say);
  }

  /** The attempt is over, but for its output and its record: stores every card as it is to stay. */
  finish(subject: () => CardSubject): void {
    for (const draft of this.#drafts) draft.close();
    this.#save(this.#drafts, subject);
  }

  #save(drafts: readonly CardDraft[], tell: () => CardSubject): void {
    try {
      const subject = tell();
      for (const draft of drafts) this.#saveOne(draft, subject);
    } catch (error) {
      this.#warn("current.card", error);
    }
  }

  #saveOne(draft: CardDraft, subject: CardSubject): void {
    const { step, task, attempt } = subject.record;
    const { name } = draft.definition;
    try {
      this.#store.writeSync(step, { task, attempt, card: name }, this.#options.mask(this.#draw(draft, subject)));
    } catch (error) {
      this.#warn(`card ${name} is not stored`, error);
    }
  }

  #draw({ definition, components }: CardDraft, subject: CardSubject): string {
    try {
      const { html, problems } = drawCard(definition, subject, components);
      for (const problem of problems) this.#warn(`card ${definition.name}`, problem);
      return html;
    } catch (error) {
      this.#warn(`card ${definition.name} could not be drawn`, error);
      return drawProblem(definition, subject, messageOf(error));
    }
  }

  #find(id: string): TaskCard {
    const found = this.#drafts.find(({ definition }) => definition.name === id);
    if (found !== undefined) return found;
    const names = this.#drafts.map(({ definition }) => definition.name).join(", ");
    return new AbsentCard(`the step has no card “${id}” (it has ${names})`, this.#options.say);
  }

  #warn(what: string, reason: unknown): void {
    const line = `${what}: ${messageOf(reason)}`;
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#options.say(line);
  }
}
