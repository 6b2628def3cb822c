import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Graph } from "../../src/core/graph.js";
import { parseTaskRef, unpackTaskRefs, type TaskRef } from "../../src/core/task-ref.js";
import type { TaskSpec } from "../../src/core/task-spec.js";
import { doneKey, indexKey } from "../../src/datastore/layout.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { Random } from "../rig/random.js";
import { arbitraryFlow, decisionsOf, describeFlow, hash } from "./arbitrary-flow.js";
import { graphOf } from "./flow-model.js";
import { interpret, type ExpectedTask } from "./interpreter.js";
import { ScheduledRun, settled } from "./scheduled-run.js";

const arbitraryCase = fc.record({
  flow: arbitraryFlow,
  seed: fc.nat(10_000),
  maxWorkers: fc.integer({ min: 1, max: 5 }),
});

type Case = typeof arbitraryCase extends fc.Arbitrary<infer C> ? C : never;

interface Plan {
  readonly graph: Graph;
  readonly expected: ReadonlyMap<TaskRef, ExpectedTask>;
}

/** The flow's tasks; undefined when there are too many of them to be worth a run. */
function planOf({ flow, seed }: Case): Plan | undefined {
  const expected = interpret(flow, decisionsOf(seed, { items: 4, laps: 3 }));
  return expected.size > 400 ? undefined : { graph: graphOf(flow), expected };
}

/** Runs to the end; tasks at work end in a random order, those that `fails` says fail. */
async function runToEnd(scheduled: ScheduledRun, plan: Plan, random: Random, fails: (ref: TaskRef) => boolean): Promise<void> {
  while (scheduled.result === undefined) {
    const attempt = scheduled.compute.attempts[random.below(scheduled.compute.attempts.length)];
    if (attempt === undefined) throw new Error("nothing is at work, and the run goes on");
    const task = plan.expected.get(attempt.ref);
    if (task === undefined) throw new Error(`${attempt.ref} should not be`);
    if (fails(attempt.ref)) scheduled.compute.failed(attempt);
    else scheduled.compute.done(attempt, task.transition);
    await settled();
  }
}

/** Each spec is what its task must be given; refs of earlier runs name the run that did the work. */
function requireExpected(specs: readonly TaskSpec[], plan: Plan, ranIn: ReadonlyMap<TaskRef, string>, run: string): void {
  const local = (ref: TaskRef): TaskRef => {
    const { run: named, step, task } = parseTaskRef(ref);
    const name = `${step}/${task}`;
    expect(named ?? run, `the run of ${name}`).toBe(ranIn.get(name));
    return name;
  };
  for (const spec of specs) {
    const ref = `${spec.step}/${spec.task}`;
    const expected = plan.expected.get(ref);
    expect(expected, `${ref} should not be`).toBeDefined();
    expect([...unpackTaskRefs(spec.parents)].map(local), `parents of ${ref}`).toEqual(expected?.parents);
    expect(
      spec.foreach.map(({ split, ...rest }) => ({ split: local(split), ...rest })),
      `fan-outs of ${ref}`,
    ).toEqual(expected?.foreach);
    expect(spec.join, `join of ${ref}`).toEqual(expected?.join);
  }
}

function requireBounds(scheduled: ScheduledRun, plan: Plan, maxWorkers: number): void {
  scheduled.compute.onSubmit = () => {
    const atWork = scheduled.compute.attempts;
    expect(atWork.length).toBeLessThanOrEqual(maxWorkers);
    const inside = new Map<TaskRef, number>();
    for (const { spec } of atWork) for (const { split } of spec.foreach) inside.set(split, (inside.get(split) ?? 0) + 1);
    for (const [split, count] of inside) {
      const transition = plan.expected.get(split.slice(split.indexOf(":") + 1))?.transition;
      if (transition?.kind === "foreach")
        expect(count, `tasks at work in the fan-out of ${split}`).toBeLessThanOrEqual(transition.concurrency ?? Number.POSITIVE_INFINITY);
    }
  };
}

test("in whatever order tasks end, a run has exactly the tasks that its flow says, each with the right inputs in the right order", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryCase, async (drawn) => {
      const plan = planOf(drawn);
      fc.pre(plan !== undefined);
      const scheduled = await ScheduledRun.start({ graph: plan.graph, options: { maxWorkers: drawn.maxWorkers } });
      requireBounds(scheduled, plan, drawn.maxWorkers);
      await runToEnd(scheduled, plan, new Random(drawn.seed), () => false);
      const ran = scheduled.compute.submitted.map(({ ref }) => ref);
      expect(ran.toSorted(), describeFlow(drawn.flow)).toEqual([...plan.expected.keys()].toSorted());
      requireExpected(
        scheduled.compute.submitted.map(({ spec }) => spec),
        plan,
        new Map(ran.map((ref) => [ref, scheduled.run.id])),
        scheduled.run.id,
      );
      expect(scheduled.result?.status).toBe("done");
      expect(scheduled.result?.counts).toEqual({ done: ran.length, failed: 0, reused: 0 });
      expect(scheduled.clock.waits).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("over runs that break and are resumed, every task is done exactly once, with the right inputs in the right order", async () => {
  const arbitraryBreaks = fc.record({ drawn: arbitraryCase, keepGoing: fc.boolean(), often: fc.integer({ min: 2, max: 12 }) });
  await fc.assert(
    fc.asyncProperty(arbitraryBreaks, async ({ drawn, keepGoing, often }) => {
      const plan = planOf(drawn);
      fc.pre(plan !== undefined);
      const store = new MemoryStore();
      const ranIn = new Map<TaskRef, string>();
      let origin: { readonly run: string } | undefined;
      for (let round = 0; round < 60; round++) {
        // Each round fewer tasks fail, so that the last has none.
        const fails = (ref: TaskRef): boolean => round < 8 && hash(drawn.seed + round, ref) % (often + round) === 0;
        const scheduled: ScheduledRun = await ScheduledRun.start({
          graph: plan.graph,
          store,
          options: { maxWorkers: drawn.maxWorkers, keepGoing },
          ...(origin !== undefined && { origin }),
        });
        requireBounds(scheduled, plan, drawn.maxWorkers);
        const reused = new Set(ranIn.keys());
        await runToEnd(scheduled, plan, new Random(drawn.seed + round), fails);
        const done = scheduled.compute.submitted.filter(({ ref }) => !fails(ref));
        for (const { ref } of done) {
          expect(ranIn.has(ref), `${ref} is done a second time`).toBe(false);
          ranIn.set(ref, scheduled.run.id);
        }
        requireExpected(
          scheduled.compute.submitted.map(({ spec }) => spec),
          plan,
          ranIn,
          scheduled.run.id,
        );
        expect(scheduled.result?.counts.reused).toBe(reused.size);
        if (scheduled.result?.status === "done") break;
        origin = { run: scheduled.run.id };
      }
      expect([...ranIn.keys()].toSorted(), describeFlow(drawn.flow)).toEqual([...plan.expected.keys()].toSorted());
    }),
    { numRuns: 100 },
  );
});

test("of a finished run whose records are damaged or lost, those tasks run again, all that follow from them, and no others", async () => {
  const arbitraryLoss = fc.record({ drawn: arbitraryCase, often: fc.integer({ min: 2, max: 20 }), damaged: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(arbitraryLoss, async ({ drawn, often, damaged }) => {
      const plan = planOf(drawn);
      fc.pre(plan !== undefined);
      const store = new MemoryStore();
      const options = { maxWorkers: drawn.maxWorkers };
      const first = await ScheduledRun.start({ graph: plan.graph, store, options });
      await runToEnd(first, plan, new Random(drawn.seed), () => false);
      await store.delete(indexKey("Flow", "1", 0));
      const lost = new Set([...plan.expected.keys()].filter((ref) => hash(drawn.seed, ref) % often === 0));
      for (const ref of lost) {
        const { step, task } = parseTaskRef(ref);
        if (damaged) await store.put(doneKey("Flow", "1", step, task), [Buffer.from("half a record")]);
        else await store.delete(doneKey("Flow", "1", step, task));
      }
      const runs = new Set<TaskRef>();
      for (const [ref, { after }] of plan.expected) if (lost.has(ref) || after.some((before) => runs.has(before))) runs.add(ref);
      const second = await ScheduledRun.start({ graph: plan.graph, store, options, origin: { run: "1" } });
      requireBounds(second, plan, drawn.maxWorkers);
      await runToEnd(second, plan, new Random(drawn.seed), () => false);
      expect(second.compute.submitted.map(({ ref }) => ref).toSorted(), describeFlow(drawn.flow)).toEqual([...runs].toSorted());
      const ranIn = new Map([...plan.expected.keys()].map((ref) => [ref, runs.has(ref) ? "2" : "1"]));
      requireExpected(
        second.compute.submitted.map(({ spec }) => spec),
        plan,
        ranIn,
        "2",
      );
      expect(second.result).toMatchObject({ status: "done", counts: { done: runs.size, reused: plan.expected.size - runs.size } });
    }),
    { numRuns: 100 },
  );
});
