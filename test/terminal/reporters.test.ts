import { expect, test } from "vitest";
import { JsonReporter } from "../../src/terminal/json-reporter.js";
import { QuietReporter } from "../../src/terminal/quiet-reporter.js";
import { context, done, failed, failure, MemorySink, started, task, timed } from "./run-events.js";

test("JSON is one event a line, the first of which has the run's pathspec", async () => {
  const sink = new MemorySink();
  const reporter = new JsonReporter(sink);
  const events = timed([{ type: "notice", level: "info", code: "early", text: "said\nbefore" }, started, done]);
  for (const event of events) reporter.report(event);
  await reporter.close();
  expect(sink.lines.map((line): unknown => JSON.parse(line))).toEqual([events[1], events[0], events[2]]);
});

test("JSON loses nothing of a run that never started", async () => {
  const sink = new MemorySink();
  const reporter = new JsonReporter(sink);
  const events = timed([{ type: "notice", level: "info", code: "early", text: "said" }]);
  for (const event of events) reporter.report(event);
  await reporter.close();
  expect(sink.lines.map((line): unknown => JSON.parse(line))).toEqual(events);
});

test("quiet says nothing of a run that goes well but its last line", () => {
  const sink = new MemorySink();
  const reporter = new QuietReporter(sink, context);
  const output = { type: "task-output", task: task("start"), stream: "stdout", text: "noise\n" } as const;
  for (const event of timed([
    started,
    { type: "task-started", task: task("start") },
    output,
    { type: "task-done", task: task("start"), durationMs: 1 },
    done,
  ])) {
    reporter.report(event);
  }
  expect(sink.text).toBe("✓ ScoreFlow/12 done in 3.4s: 3 tasks ran.\n");
});

test("quiet shows failures for good, and how to go on", () => {
  const sink = new MemorySink();
  const reporter = new QuietReporter(sink, context);
  const events = timed([
    started,
    { type: "task-failed", task: task("score"), durationMs: 5, failure, retryInMs: 0, retriesLeft: 1 },
    { type: "task-failed", task: task("score", "0", { attempt: 1, label: "Oslo" }), durationMs: 5, failure, retriesLeft: 0 },
    failed,
  ]);
  for (const event of events) reporter.report(event);
  expect(sink.text).toMatch(/^✗ ScoreFlow\/12\/score\/0 \(Oslo\) failed in all of its 2 attempts\n\n {2}TypeError: /);
  expect(sink.text).toContain("> 23 |     return row.text.length;");
  expect(sink.text).toMatch(/failed after 3\.4s: 1 task done, 1 failed\.\n {2}go on {2}millrace resume flow\.ts\n$/);
});
