import { load, type CheerioAPI } from "cheerio";
import type { CardDefinition } from "../../src/cards/card-definition.js";
import type { CardSubject } from "../../src/cards/card-subject.js";
import type { Component } from "../../src/cards/components/component.js";
import { drawCard, type DrawnCard } from "../../src/cards/page/page.js";
import type { ArtifactRef } from "../../src/core/artifact-ref.js";
import type { Graph, GraphStep } from "../../src/core/graph.js";
import type { AttemptRecord, RunRecord } from "../../src/core/records.js";
import { ArtifactReader } from "../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../src/datastore/artifacts/artifact-writer.js";
import type { LogLine } from "../../src/datastore/task-log.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { sampleAttempt, sampleRun } from "../datastore/sample-records.js";

export const defaultCard: CardDefinition = { name: "default", type: "default", id: undefined, title: undefined, refreshIntervalMs: 5000 };

/** A graph from its edges: `{ start: ["a", "b"], … }`. */
export function graphOf(edges: Readonly<Record<string, readonly string[]>>, kinds: Readonly<Record<string, GraphStep["kind"]>> = {}): Graph {
  const steps = Object.entries(edges).map(([name, next]): GraphStep => {
    const kind = kinds[name] ?? (next.length === 0 ? "end" : next.length === 1 ? "linear" : "split");
    return { name, next, kind, takes: "nothing", splits: [], loops: false, decorators: [], lost: [] };
  });
  return { flow: "Score", steps };
}

export interface SubjectParts {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly artifacts?: Readonly<Record<string, unknown>>;
  readonly inherited?: Readonly<Record<string, unknown>>;
  readonly log?: readonly LogLine[];
  readonly run?: Partial<RunRecord>;
  readonly record?: Partial<Omit<AttemptRecord, "status">> & { readonly status?: CardSubject["record"]["status"] };
}

/** What a card tells of, with its values in memory; `reads` notes which of them were read. */
export function subjectOf({ parameters = {}, artifacts = {}, inherited = {}, log = [], run = {}, record = {} }: SubjectParts): CardSubject & {
  readonly reads: readonly string[];
} {
  const store = new MemoryStore();
  const writer = new ArtifactWriter(store);
  const reader = new ArtifactReader(store);
  const reads: string[] = [];
  const write = (values: Readonly<Record<string, unknown>>): Record<string, ArtifactRef> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, writer.write(value, name)]));
  const { status = "done", ...rest } = record;
  const from = write(inherited);
  return {
    run: sampleRun({ graph: graphOf({ start: ["end"], end: [] }), parameters: write(parameters), ...run }),
    record: { ...sampleAttempt({ startedAt: 1_795_356_000_000, finishedAt: 1_795_356_004_200, artifacts: write(artifacts), ...rest }), status },
    log,
    artifacts: {
      inherited: () => Object.entries(from),
      read(ref, name) {
        reads.push(name);
        return reader.read(ref, name);
      },
    },
    reads,
  };
}

/** A card's page, to be looked through. */
export function page(parts: SubjectParts = {}, components: readonly Component[] = [], card: CardDefinition = defaultCard): CheerioAPI & DrawnCard {
  const drawn = drawCard(card, subjectOf(parts), components);
  return Object.assign(load(drawn.html), { html: drawn.html, problems: drawn.problems }) as CheerioAPI & DrawnCard;
}
