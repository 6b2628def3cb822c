import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveReporter } from "../../src/terminal/live-reporter.js";
import { context, failed, failure, START, started, task, timed } from "./run-events.js";
import { Screen } from "./screen.js";

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(): { readonly screen: Screen; readonly reporter: LiveReporter; report(...events: Parameters<typeof timed>[0]): void } {
  const screen = new Screen(80);
  const reporter = new LiveReporter(screen, context);
  return {
    screen,
    reporter,
    report: (...events) => {
      for (const event of timed(events)) reporter.report(event);
    },
  };
}

test("output scrolls above the steps, and the summary stands below them", async () => {
  const { screen, reporter, report } = open();
  report(started, { type: "tasks-planned", step: "start", count: 1 }, { type: "task-started", task: task("start") });
  report({ type: "task-output", task: task("start"), stream: "stdout", text: "reading\n50%" });
  vi.advanceTimersByTime(100);
  expect(screen.shown).toEqual([
    "parameters: alpha=0.5",
    "start │ reading",
    "ScoreFlow/12  0.1s  1 running  0 done",
    expect.stringMatching(/^⠋ start {2}/),
    "· score",
    "· end",
    "start │ 50%",
  ]);
  report({ type: "task-output", task: task("start"), stream: "stdout", text: "\r100%\n" });
  report({ type: "task-failed", task: task("start"), durationMs: 5, failure, retriesLeft: 0 }, failed);
  await reporter.close();
  expect(screen.shown.slice(1, 5)).toEqual([
    "start │ reading",
    "start │ 100%",
    "✗ ScoreFlow/12/start/0 failed",
    "  TypeError: Cannot read properties of undefined (reading 'text')",
  ]);
  expect(screen.shown.slice(-8)).toEqual([
    "ScoreFlow/12  3.4s  0 done  1 failed",
    expect.stringMatching(/^✗ start {2}1 failed/),
    "· score",
    "· end",
    "✗ ScoreFlow/12 failed after 3.4s: 1 task done, 1 failed.",
    "  fix it, then  millrace resume flow.ts",
    "  look at it    millrace status ScoreFlow/12",
    "  kept in       .millrace",
  ]);
});

test("at most ten frames a second are drawn, however many events come", () => {
  const { screen, report } = open();
  report(started, { type: "tasks-planned", step: "score", count: 10_000 });
  for (let index = 0; index < 10_000; index++) {
    report({ type: "task-started", task: task("score", String(index)) }, { type: "task-done", task: task("score", String(index)), durationMs: 1 });
    if (index % 1000 === 0) vi.advanceTimersByTime(100);
  }
  expect(screen.writes).toBeLessThanOrEqual(10);
  expect(screen.shown.some((line) => line.includes("9,001/10,000"))).toBe(true);
});

test("tasks that an interrupt ended are told as stopped", async () => {
  const { screen, reporter, report } = open();
  const { type, ...rest } = failed as Extract<typeof failed, { type: "run-finished" }>;
  report(started, { type: "tasks-planned", step: "score", count: 4 }, { type: "task-started", task: task("score", "0") });
  report(
    { type: "interrupted", signal: "SIGINT", running: 1 },
    { type, ...rest, status: "interrupted", counts: { done: 0, failed: 0, reused: 0 }, failures: [] },
  );
  await reporter.close();
  expect(screen.shown).toContain("SIGINT: stopping 1 task; once more stops them at once");
  expect(screen.shown.some((line) => line.startsWith("■ score") && line.includes("1 stopped"))).toBe(true);
  expect(screen.shown).toContain("■ ScoreFlow/12 interrupted after 3.4s: 0 tasks done.");
});

test("after its end nothing is drawn and nothing listens any more", async () => {
  const { screen, reporter, report } = open();
  report(started);
  expect(screen.hasListeners).toBe(true);
  await reporter.close();
  await reporter.close();
  const { writes } = screen;
  vi.advanceTimersByTime(10_000);
  expect(screen.writes).toBe(writes);
  expect(screen.hasListeners).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("a task that has lost its machine waits again, and is not counted as running", async () => {
  const { screen, reporter, report } = open();
  const where = { task: task("score"), job: "18", where: "Slurm" };
  report(
    started,
    { type: "tasks-planned", step: "score", count: 1 },
    { type: "task-queued", ...where },
    { type: "task-started", task: task("score") },
  );
  report({ type: "task-queued", ...where, again: true });
  vi.advanceTimersByTime(100);
  expect(screen.shown[1]).toBe("! ScoreFlow/12/score/0 lost its machine, and waits for another (Slurm job 18)");
  expect(screen.shown.find((line) => line.startsWith("ScoreFlow/12 "))).toMatch(/1 waiting/);
  expect(screen.shown.find((line) => line.startsWith("ScoreFlow/12 "))).not.toMatch(/running/);
  report({ type: "task-started", task: task("score") }, { type: "task-done", task: task("score"), durationMs: 1 });
  await reporter.close();
  expect(screen.shown.find((line) => line.startsWith("ScoreFlow/12 "))).toBe("ScoreFlow/12  0.1s  1 done");
});
