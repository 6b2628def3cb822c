import { describe, expect, test } from "vitest";
import { PlainReporter } from "../../src/terminal/plain-reporter.js";
import { context, done, failed, failure, MemorySink, START, started, task, timed } from "./run-events.js";

function show(events: Parameters<typeof timed>[0]): MemorySink {
  const sink = new MemorySink();
  const reporter = new PlainReporter(sink, context);
  for (const event of timed(events)) reporter.report(event);
  return sink;
}

describe("plain lines", () => {
  test("tell of a small run from its start to its summary", () => {
    const { text } = show([
      started,
      { type: "tasks-planned", step: "start", count: 1 },
      { type: "task-started", task: task("start") },
      { type: "task-output", task: task("start"), stream: "stdout", text: "reading\nhalf a " },
      { type: "task-output", task: task("start"), stream: "stdout", text: "line" },
      { type: "task-done", task: task("start"), durationMs: 1200 },
      { type: "notice", level: "warning", code: "x", text: "mind the gap" },
      done,
    ]);
    expect(text).toBe(`2026-03-07 14:03:00.000 [ScoreFlow/12] run started: 3 steps, up to 16 tasks at once
2026-03-07 14:03:00.000 [ScoreFlow/12] parameters: alpha=0.5
2026-03-07 14:03:00.002 [ScoreFlow/12/start/0] started
2026-03-07 14:03:00.003 [ScoreFlow/12/start/0] reading
2026-03-07 14:03:00.005 [ScoreFlow/12/start/0] half a line
2026-03-07 14:03:00.005 [ScoreFlow/12/start/0] done in 1.2s
2026-03-07 14:03:00.006 [ScoreFlow/12] warning: mind the gap
✓ ScoreFlow/12 done in 3.4s: 3 tasks ran.
  results  millrace dump ScoreFlow/12/end
  kept in  .millrace
`);
  });

  test("tell what a task waits for elsewhere", () => {
    const { text } = show([started, { type: "task-queued", task: task("score"), job: "4711", where: "AWS Batch" }]);
    expect(text).toContain("[ScoreFlow/12/score/0] waits for a machine (AWS Batch job 4711)");
  });

  test("tell that a task has lost its machine and begins again", () => {
    const where = { task: task("score"), job: "18", where: "Slurm" };
    const begin = { type: "task-started", task: task("score") } as const;
    const { text } = show([started, { type: "task-queued", ...where }, begin, { type: "task-queued", ...where, again: true }, begin]);
    expect(text.match(/score\/0\] .*/g)).toEqual([
      "score/0] waits for a machine (Slurm job 18)",
      "score/0] started",
      "score/0] lost its machine, and waits for another (Slurm job 18)",
      "score/0] started",
    ]);
  });

  test("show a failure with its place, its source, and how to go on", () => {
    const { text } = show([
      started,
      { type: "task-started", task: task("score") },
      {
        type: "task-failed",
        task: task("score"),
        durationMs: 5,
        failure: { ...failure, cause: { ...failure, name: "Error", message: "no row", frames: [], codeFrame: "" } },
        retriesLeft: 0,
      },
      failed,
    ]);
    expect(text).toContain(`2026-03-07 14:03:00.002 [ScoreFlow/12/score/0] ✗ failed

  TypeError: Cannot read properties of undefined (reading 'text')

  flow.ts:23:12 in ScoreFlow.score

    22 |   score(row: Row) {
  > 23 |     return row.text.length;
       |            ^
    24 |   }

  called from src/rows.ts:3:4

  caused by Error: no row
`);
    expect(text).toContain(`✗ ScoreFlow/12 failed after 3.4s: 1 task done, 1 failed.
  fix it, then  millrace resume flow.ts
  look at it    millrace status ScoreFlow/12
  kept in       .millrace
`);
  });

  test("tell of attempts and when the next one comes", () => {
    const { lines } = show([
      started,
      { type: "task-failed", task: task("score"), durationMs: 5, failure, retryInMs: 10_000, retriesLeft: 2 },
      { type: "task-started", task: task("score", "0", { attempt: 1 }) },
      { type: "task-failed", task: task("score", "0", { attempt: 1 }), durationMs: 5, failure, retryInMs: 0, retriesLeft: 1 },
      { type: "task-failed", task: task("score", "0", { attempt: 2 }), durationMs: 5, failure, retriesLeft: 0 },
    ]);
    const brief = "TypeError: Cannot read properties of undefined (reading 'text')";
    expect(lines.slice(2, 6).map((line) => line.slice(24))).toEqual([
      `[ScoreFlow/12/score/0] ↻ failed (attempt 1 of 3), next attempt in 10s: ${brief}`,
      "[ScoreFlow/12/score/0] started again (attempt 2)",
      `[ScoreFlow/12/score/0] ↻ failed (attempt 2 of 3), next attempt at once, as ScoreFlow/12/score/0 did: ${brief}`,
      "[ScoreFlow/12/score/0] ✗ failed in all of its 3 attempts",
    ]);
  });

  test("of a wide fan-out tell the progress now and then, and all output", () => {
    const many = 10_000;
    const events: Parameters<typeof timed>[0][number][] = [started, { type: "tasks-planned", step: "score", count: many }];
    for (let index = 0; index < many; index++) {
      const time = START + index * 10;
      const one = task("score", String(index));
      events.push({ type: "task-started", time, task: one });
      if (index === 77) events.push({ type: "task-output", time, task: one, stream: "stderr", text: "odd\n" });
      events.push({ type: "task-done", time, task: one, durationMs: 5 });
    }
    const lines = show(events).lines.slice(2);
    expect(lines[0]).toContain("[ScoreFlow/12/score] 10,000 tasks to run");
    expect(lines.filter((line) => line.includes("[ScoreFlow/12/score/77] odd"))).toHaveLength(1);
    expect(lines.at(-1)).toContain("[ScoreFlow/12/score] 10,000/10,000 done");
    // 100 seconds of run: one line each five seconds.
    expect(lines.length).toBeLessThan(25);
  });

  test("of a step after a fan-out, whose tasks come one by one, tell no more than that", () => {
    const events: Parameters<typeof timed>[0][number][] = [started];
    for (let index = 0; index < 1000; index++) {
      const one = task("score", String(index));
      events.push(
        { type: "tasks-planned", step: "score", count: 1 },
        { type: "task-started", task: one },
        { type: "task-done", task: one, durationMs: 5 },
      );
    }
    const { lines } = show([...events, done]);
    expect(lines.length).toBeLessThan(60);
    expect(lines.at(-4)).toContain("[ScoreFlow/12/score] 1,000/1,000 done");
  });

  test("of failures of one kind tell the first in full, some in a line, the rest in counts", () => {
    const many = 200;
    const { text, lines } = show([
      started,
      { type: "tasks-planned", step: "score", count: many },
      ...Array.from({ length: many }, (_, index) => ({
        type: "task-failed" as const,
        task: task("score", String(index)),
        durationMs: 1,
        failure,
        retriesLeft: 0,
      })),
    ]);
    expect(text.match(/return row\.text\.length/g)).toHaveLength(1);
    expect(lines.filter((line) => line.includes("as ScoreFlow/12/score/0 did"))).toHaveLength(10);
    expect(lines.at(-1)).toContain("0/200 done, 200 failed");
  });

  test("show what a progress bar ended with", () => {
    const { lines } = show([
      started,
      { type: "task-output", task: task("start"), stream: "stderr", text: "\r10%" },
      { type: "task-output", task: task("start"), stream: "stderr", text: "\r100%\r\nnext\r\n" },
    ]);
    expect(lines.slice(2).map((line) => line.slice(24))).toEqual(["[ScoreFlow/12/start/0] 100%", "[ScoreFlow/12/start/0] next"]);
  });
});
