import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Datastore } from "../src/datastore/datastore.js";
import { LocalStore } from "../src/store/local-store.js";
import { type Figure, median } from "./figure.js";
import { BenchProject, node } from "./project.js";

const RUNS = 1000;
const TASKS = 10_000;
const ROUNDS = 5;

/**
 * `millrace/client` in a process of its own, from its start to its end. The run of 10,000 tasks is a real one; the
 * thousand runs are copies of a real run's records under further ids, for a thousand processes would show nothing more.
 */
export async function run(): Promise<readonly Figure[]> {
  const wide = new BenchProject("fan-out.ts");
  await wide.millrace("run", ["--count", String(TASKS), "--max-num-splits", String(TASKS)]);
  const many = new BenchProject("fan-out.ts");
  await many.millrace("run", ["--count", "3"]);
  await copyRun(many.dir, RUNS - 1);
  return [
    await measure(many, `listing ${RUNS} runs`, 0.5, listing, String(RUNS)),
    await measure(wide, "opening a run of 10,000 tasks: status, counts, failed tasks", 0.3, opening, `done ${TASKS} 0`),
    await measure(wide, "summing one artifact over 10,000 tasks", 1, summing, String(TASKS * (TASKS - 1))),
    await measure(wide, "one of 10,000 tasks, by its pathspec", undefined, oneTask, "10000"),
    await measure(wide, "a process that only imports millrace/client", undefined, 'import "millrace/client"; console.log("")', ""),
  ];
}

const listing = `
import { Flow } from "millrace/client";
let done = 0;
for await (const run of Flow("FanOut").runs()) if (run.status === "done" && run.parameters.count === 3) done++;
console.log(done);`;

const opening = `
import { Run } from "millrace/client";
const run = await Run("FanOut/1");
const { done } = await run.step("work").counts();
console.log(run.status, done, await run.tasks({ status: "failed" }).count());`;

const summing = `
import { Run } from "millrace/client";
let sum = 0;
for await (const value of (await Run("FanOut/1")).step("work").artifact("doubled")) sum += value;
console.log(sum);`;

const oneTask = `
import { Task } from "millrace/client";
console.log(await (await Task("FanOut/1/work/5000")).artifact("doubled"));`;

/** The run's records again under the next ids. */
async function copyRun(folder: string, copies: number): Promise<void> {
  const datastore = new Datastore(new LocalStore(join(folder, ".millrace")));
  const first = await datastore.openRun("FanOut", "1");
  const result = await first.result();
  if (result === undefined) throw new Error("the run has no result");
  for (let copy = 0; copy < copies; copy++) {
    const next = await datastore.createRun((id) => ({ ...first.record, run: id, startedAt: first.record.startedAt + copy }), "FanOut");
    await next.writeResult(result);
  }
}

async function measure({ dir }: BenchProject, name: string, target: number | undefined, script: string, expected: string): Promise<Figure> {
  writeFileSync(join(dir, "read.mjs"), script);
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, stdout } = await node(["read.mjs"], { cwd: dir });
    if (stdout.trim() !== expected) throw new Error(`${name}: ${stdout.trim()} instead of ${expected}`);
    seconds.push(ms / 1000);
  }
  const detail = `${seconds.map((value) => value.toFixed(2)).join(", ")} s`;
  return { name, value: median(seconds), unit: "s", ...(target !== undefined && { target }), detail };
}
