import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTaskRef, unpackTaskRefs, type TaskRef } from "../../src/core/task-ref.js";
import { RunStore } from "../../src/datastore/run-store.js";
import { attemptSpec } from "../../src/scheduler/attempt-spec.js";
import { dueTasks } from "../../src/scheduler/due-tasks.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { sampleRun } from "../datastore/sample-records.js";
import { Random } from "../rig/random.js";
import { arbitraryFlow, decisionsOf, describeFlow } from "./arbitrary-flow.js";
import { graphOf } from "./flow-model.js";
import { interpret, type ExpectedTask } from "./interpreter.js";

/** Tasks looked at in each flow. */
const LOOKS = 12;

const run = new RunStore(new MemoryStore(), sampleRun());
const withoutRun = (ref: TaskRef): TaskRef => ref.slice(ref.indexOf(":") + 1);

/** The tasks that are done when some are not: what comes after those never ran. */
function someDone(expected: ReadonlyMap<TaskRef, ExpectedTask>, isDone: () => boolean): ReadonlySet<TaskRef> {
  const done = new Set<TaskRef>();
  let grew = true;
  const fails = new Set([...expected.keys()].filter(() => !isDone()));
  while (grew) {
    grew = false;
    for (const [ref, { parents }] of expected) {
      if (done.has(ref) || fails.has(ref) || !parents.every((parent) => done.has(parent))) continue;
      done.add(ref);
      grew = true;
    }
  }
  return done;
}

test("a task is found with what its run gave it, whatever became of it, if all before it is done; else it is not found", () => {
  fc.assert(
    fc.property(arbitraryFlow, fc.nat(10_000), fc.double({ min: 0, max: 0.4, noNaN: true }), (flow, seed, failing) => {
      const expected = interpret(flow, decisionsOf(seed, { items: 4, laps: 3 }));
      // The join of an empty fan-out has no parents that would say whether its split is done.
      fc.pre(expected.size <= 400 && [...expected].every(([ref, { parents }]) => ref === "start/0" || parents.length > 0));
      const graph = graphOf(flow);
      const random = new Random(seed);
      const done = someDone(expected, () => random.next() >= failing);
      const refs = [...expected.keys()];
      for (let look = 0; look < LOOKS; look++) {
        const ref = refs[random.below(refs.length)] ?? "start/0";
        const { step, task } = parseTaskRef(ref);
        const due = dueTasks(graph, { step, task }, (...name) => {
          const at = name.join("/");
          const transition = done.has(at) ? expected.get(at)?.transition : undefined;
          return transition === undefined ? undefined : { ref: `7:${at}`, transition };
        });
        const wanted = expected.get(ref);
        const isReached = wanted?.parents.every((parent) => done.has(parent)) === true;
        expect(
          due.map((one) => one.ref),
          `${ref} of\n${describeFlow(flow)}`,
        ).toEqual(isReached ? [ref] : []);
        const [found] = due;
        if (found === undefined) continue;
        const spec = attemptSpec(run, run.record.options, found, undefined);
        expect([...unpackTaskRefs(spec.parents)]).toEqual(wanted?.parents.map((parent) => `7:${parent}`));
        expect(spec.foreach.map(({ split, ...rest }) => ({ split: withoutRun(split), ...rest }))).toEqual(wanted?.foreach);
        expect(spec.join).toEqual(wanted?.join);
      }
    }),
  );
});
