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
 * What `millrace/client` takes. The listing is the whole of a process, from its start to its end; the rest is what a
 * program waits once it has imported the client. The run of 10,000 tasks is a real one; the thousand runs are copies of
 * a real run's records under further ids, for a thousand processes would show nothing more.
 */
export async function run(): Promise<readonly Figure[]> {
  const wide = new BenchProject("fan-out.ts");
  await wide.millrace("run", ["--count", String(TASKS), "--max-num-splits", String(TASKS)]);
  const many = new BenchProject("fan-out.ts");
  await many.millrace("run", ["--count", "3"]);
  await copyRun(many.dir, RUNS - 1);
  const bare = await measure(wide, { script: "", work: 'value = "";', expected: "" });
  const list = await measure(many, listing);
  const open = await measure(wide, opening);
  const sum = await measure(wide, summing);
  const one = await measure(wide, oneTask);
  return [
    { name: `listing ${RUNS} runs, in a process of its own`, ...seconds(list.process), target: 0.5 },
    { name: "a process of its own that lists nothing", ...seconds(bare.process) },
    { name: "opening a run of 10,000 tasks: status, counts, failed tasks", ...seconds(open.work), target: 0.3 },
    { name: "summing one artifact over 10,000 tasks", ...seconds(sum.work), target: 1 },
    { name: "one of 10,000 tasks, by its pathspec", ...seconds(one.work) },
  ];
}

/** What a program does once it has imported the client, and the `value` that it prints then. */
interface Reading {
  readonly script: string;
  readonly work: string;
  readonly expected: string;
}

const listing: Reading = {
  script: 'import { Flow } from "millrace/client";',
  work: `value = 0;
for await (const run of Flow("FanOut").runs()) if (run.status === "done" && run.parameters.count === 3) value++;`,
  expected: String(RUNS),
};

const opening: Reading = {
  script: 'import { Run } from "millrace/client";',
  work: `const run = await Run("FanOut/1");
const { done } = await run.step("work").counts();
value = [run.status, done, await run.tasks({ status: "failed" }).count()].join(" ");`,
  expected: `done ${TASKS} 0`,
};

const summing: Reading = {
  script: 'import { Run } from "millrace/client";',
  work: `value = 0;
for await (const doubled of (await Run("FanOut/1")).step("work").artifact("doubled")) value += doubled;`,
  expected: String(TASKS * (TASKS - 1)),
};

const oneTask: Reading = {
  script: 'import { Task } from "millrace/client";',
  work: 'value = await (await Task("FanOut/1/work/5000")).artifact("doubled");',
  expected: "10000",
};

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

/** Milliseconds, one a round. */
interface Times {
  /** Of the process, from its start to its end. */
  readonly process: number[];
  /** Of the work in it. */
  readonly work: number[];
}

async function measure({ dir }: BenchProject, { script, work, expected }: Reading): Promise<Times> {
  writeFileSync(
    join(dir, "read.mjs"),
    `${script}\nlet value;\nconst started = performance.now();\n${work}\nconsole.log(JSON.stringify([String(value), performance.now() - started]));`,
  );
  const times: Times = { process: [], work: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, stdout } = await node(["read.mjs"], { cwd: dir });
    const [value, workMs] = JSON.parse(stdout) as readonly [string, number];
    if (value !== expected) throw new Error(`${work} is ${value} instead of ${expected}`);
    times.process.push(ms);
    times.work.push(workMs);
  }
  return times;
}

function seconds(times: readonly number[]): Pick<Figure, "value" | "unit" | "detail"> {
  return { value: median(times) / 1000, unit: "s", detail: `${times.map((ms) => (ms / 1000).toFixed(2)).join(", ")} s` };
}
