import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunCriteria } from "../../../src/datastore/cleanup/run-choice.js";
import { writeTags } from "../../../src/datastore/run-tags.js";
import { HOUR, World } from "./world.js";

type Action =
  | { readonly kind: "run"; readonly values: readonly number[] }
  | { readonly kind: "resume"; readonly which: number; readonly reuse: number; readonly values: readonly number[] }
  | { readonly kind: "tag"; readonly which: number; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: "gc"; readonly criteria: RunCriteria }
  | { readonly kind: "drop"; readonly which: number }
  | { readonly kind: "age" };

const arbitraryValues = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 });
const arbitraryTags = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 });

const arbitraryAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("run" as const), values: arbitraryValues }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("resume" as const), which: fc.nat(20), reuse: fc.integer({ min: 0, max: 3 }), values: arbitraryValues }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tag" as const), which: fc.nat(20), add: arbitraryTags, remove: arbitraryTags }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("gc" as const),
      criteria: fc.oneof(
        fc.constant({}),
        fc.record({ keep: fc.nat(4) }),
        fc.record({ tags: arbitraryTags }),
        fc.record({ withoutTags: arbitraryTags, keep: fc.nat(2) }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "age" as const }) },
);

/** What should be there: ids of the runs in sight, the newest first, with their tags. */
class Model {
  readonly runs = new Map<string, Set<string>>();

  get ids(): readonly string[] {
    return [...this.runs.keys()].toSorted((a, b) => Number(b) - Number(a));
  }

  pick(which: number): string | undefined {
    return this.ids[which % Math.max(1, this.ids.length)];
  }

  clean({ keep, tags = [], withoutTags = [] }: RunCriteria): void {
    if (keep === undefined && tags.length === 0 && withoutTags.length === 0) return;
    for (const [place, id] of this.ids.entries()) {
      const has = this.runs.get(id) ?? new Set();
      if (place >= (keep ?? 0) && tags.every((tag) => has.has(tag)) && !withoutTags.some((tag) => has.has(tag))) this.runs.delete(id);
    }
  }
}

async function act(world: World, model: Model, action: Action): Promise<void> {
  switch (action.kind) {
    case "run": {
      const id = await world.run(action.values);
      model.runs.set(id ?? "none", new Set());
      return;
    }
    case "resume": {
      const origin = model.pick(action.which);
      const id = origin === undefined ? undefined : await world.run(action.values, { run: origin, reuse: action.reuse });
      if (id !== undefined) model.runs.set(id, new Set());
      return;
    }
    case "tag": {
      const id = model.pick(action.which);
      if (id === undefined) return;
      const { add, remove } = action;
      await writeTags(await world.datastore.openRun("Score", id), { edit: { add, remove }, user: "ada", now: 1 });
      const tags = model.runs.get(id);
      for (const tag of remove) tags?.delete(tag);
      for (const tag of add) tags?.add(tag);
      return;
    }
    case "gc": {
      expect((await world.gc(action.criteria)).damaged).toEqual([]);
      model.clean(action.criteria);
      return;
    }
    case "drop": {
      const id = model.pick(action.which);
      if (id === undefined) return;
      await world.gc({ flow: "Score", run: id });
      model.runs.delete(id);
      return;
    }
    case "age":
      await world.store.age(5 * HOUR);
  }
}

test("any sequence of run, resume, tag and gc keeps every kept run readable and complete, and ids go up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryAction, { minLength: 1, maxLength: 25 }), async (actions) => {
      const world = new World();
      const model = new Model();
      let newest = 0;
      for (const action of actions) {
        await act(world, model, action);
        expect(await world.visible()).toEqual(model.ids);
        for (const id of model.ids) {
          const tags = await (await world.datastore.openRun("Score", id)).tags();
          expect(new Set(tags)).toEqual(model.runs.get(id));
        }
        if (action.kind === "run" || action.kind === "resume") {
          const [latest = String(newest)] = model.ids;
          expect(Number(latest)).toBeGreaterThanOrEqual(newest);
          newest = Math.max(newest, Number(latest));
        }
        if (action.kind === "gc" || action.kind === "drop") await world.requireReadable();
      }
      await world.requireReadable();
      // When all are gone, nothing is left but what keeps the ids.
      await world.gc({ keep: 0 });
      await world.store.age(5 * HOUR);
      await world.gc();
      expect(await world.blobs()).toEqual([]);
      for (const id of await world.datastore.runIds("Score")) expect(await world.objectsOf(id)).toEqual([`flows/Score/${id}/run.json`]);
    }),
    { numRuns: 60 },
  );
}, 60_000);
