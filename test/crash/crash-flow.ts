import { flowText } from "../rig/flow-text.js";
import type { Project } from "../rig/project.js";

/**
 * A run with a fan-out in a fan-out, a loop, a branch and joins, whose every task notes when it begins and ends, and moves
 * data through inline values and blobs. 41 tasks; the result is exact.
 */
export const CRASH_FLOW = flowText({
  name: "Crash",
  imports: "current, retry, type Inputs",
  fields: "rows!: string[]; sum = 0; rounds = 0; parts!: number[]; total!: number;",
  head: `void retry; void gate; void here; void current;`,
  steps: `
  @step start() { this.began(); this.rows = Array.from({ length: 6 }, (_, n) => String(n).repeat(40_000)); this.ended(); this.next(this.chunk, { foreach: this.rows }); }
  @step async chunk(row: string) { this.began(); this.sum = row.length * this.index!; await this.pause(); this.ended(); this.next(this.piece, { foreach: [1, 2, 3] }); }
  @step async piece(n: number) { this.began(); this.sum += n; await this.pause(); this.ended(); this.next(this.meet); }
  @step meet(inputs: Inputs<this>) { this.began(); this.sum = inputs.reduce((sum, input) => sum + input.sum, 0); this.ended(); this.next(this.gather); }
  @step gather(inputs: Inputs<this>) { this.began(); this.parts = inputs.map((input) => input.sum); this.ended(); this.next(this.refine); }
  @step async refine() { this.began(); this.rounds++; this.parts.push(this.rounds); await this.pause(); this.ended(); if (this.rounds < 4) this.next(this.refine); else this.next(this.fork); }
  @step fork() { this.began(); this.ended(); this.next(this.left, this.right); }
  @step async left() { this.began(); this.total = this.parts.reduce((a, b) => a + b, 0); await this.pause(); this.ended(); this.next(this.join); }
  @step right() { this.began(); this.total = -1; this.ended(); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.began(); this.total = inputs[0]!.total + inputs[1]!.total; this.ended(); this.next(this.end); }
  @step end() { this.began(); this.ended(); }
  began(): void { note("begin " + here() + " " + process.pid); console.log("at " + here()); }
  ended(): void { note("end " + here()); }
  async pause(): Promise<void> { await new Promise((resolve) => setTimeout(resolve, 3)); }`,
});

/** Every task of a whole run. */
export const CRASH_TASKS: readonly string[] = [
  "start/0",
  ...Array.from({ length: 6 }, (_, n) => `chunk/${n}`),
  ...Array.from({ length: 18 }, (_, n) => `piece/${Math.floor(n / 3)}.${n % 3}`),
  ...Array.from({ length: 6 }, (_, n) => `meet/${n}`),
  "gather/0",
  "refine/0",
  "refine/~1",
  "refine/~2",
  "refine/~3",
  "fork/0",
  "left/0",
  "right/0",
  "join/0",
  "end/0",
];

/** `total` of the end: six chunks' sums, the four rounds, and the right branch. */
export const CRASH_TOTAL = Array.from({ length: 6 }, (_, n) => 3 * 40_000 * n + 6).reduce((a, b) => a + b) + 1 + 2 + 3 + 4 - 1;

/** How often each task began, by the steps' own notes. */
export function begins(project: Project): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of project.ledger) {
    const [word, task = ""] = line.split(" ");
    if (word === "begin") counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts;
}
