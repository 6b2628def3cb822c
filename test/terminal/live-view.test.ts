import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createColors, noColors } from "../../src/terminal/colors.js";
import { drawLiveView, type LiveViewInputs } from "../../src/terminal/live-view.js";
import { RunProgress } from "../../src/terminal/run-progress.js";
import { textWidth } from "../../src/terminal/text-width.js";
import { failure, START, started, task, timed } from "./run-events.js";

function progressOf(events: Parameters<typeof timed>[0]): RunProgress {
  const progress = new RunProgress();
  for (const event of timed(events)) progress.apply(event);
  return progress;
}

function draw(progress: RunProgress, inputs: Partial<LiveViewInputs> = {}): string[] {
  return drawLiveView({ progress, unfinished: [], now: START + 12_000, columns: 79, rows: 22, colors: noColors, frame: 0, ...inputs });
}

const wide = progressOf([
  started,
  { type: "tasks-planned", step: "start", count: 1 },
  { type: "task-started", task: task("start") },
  { type: "task-done", task: task("start"), durationMs: 1000, time: START + 1000 },
  { type: "tasks-reused", step: "score", count: 2, origin: "ScoreFlow/11" },
  { type: "tasks-planned", step: "score", count: 8 },
  ...["2", "3", "4", "5"].map((id) => ({ type: "task-started" as const, task: task("score", id), time: START + 1000 })),
  { type: "task-done", task: task("score", "2"), durationMs: 1000 },
  { type: "task-done", task: task("score", "3"), durationMs: 1000 },
  { type: "task-failed", task: task("score", "4"), durationMs: 1000, failure, retriesLeft: 0 },
]);

describe("the live view", () => {
  test("shows counts, a bar for a fan-out, and steps to come", () => {
    expect(draw(wide)).toEqual([
      "",
      "ScoreFlow/12  12s  1 running  3 done  1 failed  2 reused",
      "✓ start  1.0s",
      "⠋ score  ━━━━━━━━━━━━━╌╌╌───────────   4/10  1 failed  1 running  2 reused  11s",
      "· end",
    ]);
  });

  test("keeps the bar on a narrow terminal, at the cost of words", () => {
    const [, head = "", , score = ""] = draw(wide, { columns: 39 });
    expect(head).toBe("ScoreFlow/12  12s  1 running  3 done");
    expect(score).toMatch(/^⠋ score {2}━+╌+─+ {3}4\/10/);
  });

  test("shows lines that are not finished, without what would move the cursor", () => {
    const unfinished = [{ task: task("score", "5"), stream: "stderr", text: "\u001b[2K\u001b[1A45% \u001b[32m███\u001b[0m" }] as const;
    expect(draw(wide, { unfinished }).at(-1)).toBe("score/5 │ 45% ███");
  });

  test("tells what waits for a machine elsewhere, until it is at work", () => {
    const waits = (id: string) => ({ type: "task-queued" as const, task: task("score", id), job: `j${id}`, where: "AWS Batch", time: START });
    const events = [started, { type: "tasks-planned" as const, step: "score", count: 4 }, waits("0"), waits("1"), waits("2")];
    const [, head, , score] = draw(progressOf(events));
    expect(head).toBe("ScoreFlow/12  12s  3 waiting for a machine  0 done");
    expect(score).toMatch(/^… score .* 0\/4 {2}3 waiting for a machine$/);
    const later = progressOf([
      ...events,
      { type: "task-started", task: task("score", "0"), time: START },
      // It never began.
      { type: "task-failed", task: task("score", "1"), durationMs: 1, failure, retriesLeft: 0, time: START },
    ]);
    expect(draw(later)[3]).toMatch(/0\/4 {2}1 failed {2}1 running {2}1 waiting for a machine/);
  });

  test("tells a step that waits for another attempt", () => {
    const progress = progressOf([
      started,
      { type: "tasks-planned", step: "start", count: 1 },
      { type: "task-started", task: task("start") },
      { type: "task-failed", task: task("start"), durationMs: 1, failure, retryInMs: 1000, retriesLeft: 1, time: START + 500 },
    ]);
    expect(draw(progress)[2]).toBe("↻ start  1 to be tried again  0.5s");
  });

  test("with more steps than rows shows those at work", () => {
    const steps = Array.from({ length: 40 }, (_, index) => `step${index}`);
    const progress = progressOf([
      { ...started, steps } as typeof started,
      { type: "tasks-planned", step: "step20", count: 1 },
      { type: "task-started", task: task("step20") },
    ]);
    const lines = draw(progress, { rows: 10 });
    expect(lines).toHaveLength(10);
    expect(lines.some((line) => line.startsWith("⠋ step20"))).toBe(true);
    expect(lines.at(-1)).toBe("  and 33 steps more");
  });

  test("never draws a line wider than the terminal", () => {
    const name = fc.constantFrom("a", "score", "日本語のステップ", "aStepWithAVeryLongNameIndeedYes");
    const count = fc.nat(20_000);
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1 }),
        count,
        count,
        count,
        fc.integer({ min: 10, max: 120 }),
        fc.boolean(),
        (steps, planned, finished, reused, columns, colored) => {
          const [first = ""] = steps;
          const progress = progressOf([
            { ...started, steps } as typeof started,
            { type: "tasks-reused", step: first, count: reused, origin: "ScoreFlow/11" },
            { type: "tasks-planned", step: first, count: planned },
            ...Array.from({ length: finished % 30 }, (_, index) => ({ type: "task-done" as const, task: task(first, String(index)), durationMs: 1 })),
            { type: "task-started", task: task(first, "99999") },
          ]);
          const unfinished = [{ task: task(first, "99999"), stream: "stdout", text: "読み込み中 ".repeat(30) }] as const;
          for (const line of draw(progress, { columns, unfinished, colors: createColors(colored) }))
            expect(textWidth(line)).toBeLessThanOrEqual(Math.max(10, columns));
        },
      ),
    );
  });
});
