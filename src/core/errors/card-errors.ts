import { entry } from "./entry.js";

/** Cards of tasks. */
export const cardErrors = {
  "card-action-unknown": entry<{ action: string; nearest: string | undefined }>({
    when: "The word after millrace card is none of view, get, list.",
    message: ({ action }) => `millrace card cannot “${action}”.`,
    hint: ({ nearest }) => (nearest === undefined ? "It can view, get and list." : `Did you mean ${nearest}? It can view, get and list.`),
    usage: true,
  }),
  "card-missing": entry<{
    pathspec: string;
    reason: "no-card" | "not-stored" | "running" | "unknown-id";
    id?: string | undefined;
    known: readonly string[];
  }>({
    when: "What a pathspec names has no card, or none of that id.",
    message: ({ pathspec, reason, id }) =>
      ({
        "no-card": `${pathspec} has no card: no @card stands there.`,
        "not-stored": `${pathspec} has no card yet.`,
        running: `${pathspec} is at work and has not stored a card yet.`,
        "unknown-id": `${pathspec} has no card “${id}”.`,
      })[reason],
    hint: ({ reason, known }) =>
      ({
        "no-card": "Put @card on the step, or run with --with card, which gives every step one.",
        "not-stored": "A card is stored when its task ends.",
        running: "A card is stored when its task ends, or when the step calls current.card.refresh().",
        "unknown-id": `It has ${known.join(", ")}.`,
      })[reason],
  }),
  "card-ambiguous": entry<{ pathspec: string; choices: readonly string[]; count: number }>({
    when: "What a pathspec names has more than one card, and one is wanted.",
    message: ({ pathspec, count }) => `${pathspec} has ${count} cards.`,
    hint: ({ choices, count }) => `Name one: ${choices.join("; ")}${count > choices.length ? "; …" : ""}.`,
  }),
};
