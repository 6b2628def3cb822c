import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, median } from "./figure.js";
import { BenchProject } from "./project.js";

const COUNT = 10_000;
const ROUNDS = 3;

/** From the start of `millrace resume` to the first line of its first task, with 10,000 tasks finished before. */
export async function run(): Promise<readonly Figure[]> {
  const project = new BenchProject("breaks-late.ts");
  const broken = { exitCodes: [1], env: { BENCH_BREAK: "1" } };
  await project.millrace("run", ["--count", String(COUNT), "--max-num-splits", String(COUNT)], broken);
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { startedAt } = await project.millrace("resume", [], round === ROUNDS - 1 ? {} : broken);
    seconds.push((Number(readFileSync(join(project.dir, "join-started"), "utf8")) - startedAt) / 1000);
  }
  const detail = `${seconds.map((value) => value.toFixed(2)).join(", ")} s`;
  return [{ name: "resume of 10,000 finished tasks: to the first task", value: median(seconds), unit: "s", target: 1, detail }];
}
