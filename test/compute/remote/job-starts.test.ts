import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { FoundJob, JobRequest } from "../../../src/compute/remote/engine.js";
import { JobStarts } from "../../../src/compute/remote/job-starts.js";
import { Patience } from "../../../src/compute/remote/patience.js";
import type { TaskSpec } from "../../../src/core/task-spec.js";
import { readJobSpecs } from "../../../src/datastore/job-specs.js";
import { RunStore } from "../../../src/datastore/run-store.js";
import { MemoryStore } from "../../../src/store/memory-store.js";
import { sampleGraphStep, sampleRun } from "../../datastore/sample-records.js";
import { ProcessEngine } from "./process-engine.js";

/** A clock whose waits are over at once. */
const clock = {
  now: () => 0,
  after: (_ms: number, work: () => void) => {
    queueMicrotask(work);
    return () => {};
  },
};

const graph = { flow: "Score", steps: [sampleGraphStep({ name: "score" })] };

function spec(task: string): TaskSpec {
  const fixed = { flow: "Score", run: "1", step: "score", attempt: 0, foreach: [], parents: [], mode: "run" } as const;
  return { ...fixed, task, retriesLeft: 0, maxNumSplits: 100, maxLogBytes: 1000 };
}

/** An engine that takes jobs, and whose answers to the first submissions are lost on their way. */
class ForgetfulEngine extends ProcessEngine {
  readonly taken: JobRequest[] = [];
  lostAnswers = 0;
  takesLost = true;

  override async submit(request: JobRequest): Promise<readonly string[]> {
    const isLost = this.lostAnswers-- > 0;
    if (!isLost || this.takesLost) this.taken.push(request);
    if (isLost) throw new Error("connection reset");
    return Array.from({ length: request.count }, (_, index) => `job.${index}`);
  }

  override async find(): Promise<readonly FoundJob[]> {
    return this.taken.flatMap(({ name, count }) =>
      // In no order.
      Array.from({ length: count }, (_, index) => ({ id: `job.${index}`, name, index, state: { phase: "queued" } as const })).toReversed(),
    );
  }
}

describe("starting jobs", () => {
  let run: RunStore;
  let engine: ForgetfulEngine;
  let starts: JobStarts;

  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
    run = new RunStore(new MemoryStore(), sampleRun());
    engine = new ForgetfulEngine({ folder, holdFile: join(folder, "hold"), downFile: join(folder, "down"), cloudWatch: undefined });
    rmSync(folder, { recursive: true });
    const patience = new Patience({ clock, tell: () => {} });
    const code = { archives: [], bundle: "b", exportName: "default", project: ".", cwd: "." };
    const jobOf = () => ({ format: 1, store: { kind: "local", root: "/" }, code, flow: "Score", run: "1" }) as const;
    starts = new JobStarts({ engine, run, graph, boot: "", jobOf, patience, givesUp: () => false });
  });

  test("what they are told is in the datastore, and the ids come in the tasks' order", async () => {
    expect(await starts.start([spec("0"), spec("1")])).toEqual(["job.0", "job.1"]);
    const [request] = engine.taken;
    const { tasks, arrayVariable, index } = JSON.parse(request?.job ?? "") as { tasks: string; arrayVariable?: string; index?: number };
    expect([arrayVariable, index]).toEqual(["TEST_INDEX", undefined]);
    expect((await readJobSpecs(run.store, tasks))?.map(({ task }) => task)).toEqual(["0", "1"]);
  });

  test("a job whose submission was not answered is found, and not started twice", async () => {
    engine.lostAnswers = 1;
    expect(await starts.start([spec("0"), spec("1")])).toEqual(["job.0", "job.1"]);
    expect(engine.taken).toHaveLength(1);
  });

  test("one that did not arrive is started again", async () => {
    engine.lostAnswers = 3;
    engine.takesLost = false;
    expect(await starts.start([spec("0")])).toEqual(["job.0"]);
    expect(engine.taken).toHaveLength(1);
  });
});
