import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CardDraft } from "../../src/cards/card-draft.js";
import { Artifact } from "../../src/cards/components/artifact.js";
import { Markdown } from "../../src/cards/components/markdown.js";
import { defaultCard } from "./sample-card.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(drawMs = 0): { readonly draft: CardDraft; readonly stored: number[] } {
  const stored: number[] = [];
  const draft: CardDraft = new CardDraft(defaultCard, {
    store: (card) => {
      vi.advanceTimersByTime(drawMs);
      stored.push(card.components.length);
    },
    find: () => draft,
  });
  return { draft, stored };
}

describe("refresh", () => {
  test("stores at once, then at most once an interval; the last call is made up for", () => {
    const { draft, stored } = open();
    draft.append("one");
    draft.refresh();
    expect(stored).toEqual([1]);
    draft.append("two");
    draft.refresh();
    draft.append("three");
    draft.refresh();
    expect(stored).toEqual([1]);
    vi.advanceTimersByTime(4999);
    expect(stored).toEqual([1]);
    vi.advanceTimersByTime(1);
    expect(stored).toEqual([1, 3]);
    vi.advanceTimersByTime(60_000);
    expect(stored).toEqual([1, 3]);
    draft.refresh();
    expect(stored).toEqual([1, 3, 3]);
  });

  test("takes a tenth of the time at most, however slow drawing is", () => {
    const { draft, stored } = open(2000);
    draft.refresh();
    draft.refresh();
    vi.advanceTimersByTime(19_000);
    expect(stored).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(stored).toHaveLength(2);
  });

  test("does nothing any more when the task has ended", () => {
    const { draft, stored } = open();
    draft.refresh();
    draft.refresh();
    draft.close();
    draft.refresh();
    vi.advanceTimersByTime(60_000);
    expect(stored).toHaveLength(1);
  });
});

test("texts are Markdown, other values are shown as artifacts, and all can be taken out", () => {
  const { draft } = open();
  draft.append("text", { a: 1 }, new Markdown("x"));
  expect(draft.components.map((component) => component.constructor)).toEqual([Markdown, Artifact, Markdown]);
  draft.clear();
  expect(draft.components).toEqual([]);
  const touchy = new Proxy({}, { has: () => expect.fail("not to be asked") });
  draft.append(touchy, undefined, Symbol("s"), () => 1);
  expect(draft.components.every((component) => component instanceof Artifact)).toBe(true);
});
