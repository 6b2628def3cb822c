import type { GraphStep } from "../../src/core/graph.js";
import { LAYOUT_VERSION, type AttemptRecord, type RunRecord } from "../../src/core/records.js";

/** A run's record, with what a test does not care for filled in. */
export function sampleRun(rest: Partial<RunRecord> = {}): RunRecord {
  const flow = rest.flow ?? "Score";
  return {
    format: LAYOUT_VERSION,
    flow,
    run: "1",
    startedAt: 1_000_000,
    user: "somebody",
    host: "here",
    pid: 1,
    millrace: "0.0.0",
    node: "20.19.0",
    code: { hash: "", package: { codec: "json", value: null }, file: "score.ts", exportName: "default" },
    graph: { flow, steps: [] },
    parameterDefinitions: [],
    parameters: {},
    initial: {},
    options: { maxWorkers: 1, maxNumSplits: 100, keepGoing: false, with: [], maxLogBytes: 1000 },
    tags: [],
    ...rest,
  };
}

/** An attempt's record. */
export function sampleAttempt(rest: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    format: LAYOUT_VERSION,
    flow: "Score",
    run: "1",
    step: "start",
    task: "0",
    attempt: 0,
    status: "done",
    startedAt: 1,
    finishedAt: 2,
    host: "here",
    pid: 1,
    parents: [],
    artifacts: {},
    inherited: {},
    ...rest,
  };
}

/** A step of a run's graph. */
export function sampleGraphStep(rest: Partial<GraphStep> = {}): GraphStep {
  return { name: "start", kind: "linear", next: [], takes: "nothing", splits: [], loops: false, decorators: [], lost: [], ...rest };
}
