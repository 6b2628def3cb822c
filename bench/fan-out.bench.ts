import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Figure, median, milliseconds } from "./figure.js";
import { BenchProject, cpuMs, node, root, scheduler } from "./project.js";

const ROUNDS = 5;
/** Of the floor: as many as there are processors. How many task processes ours starts is its own decision. */
const PROCESSES = availableParallelism();
const floorScript = join(root, "bench/floor/fan-out.mjs");

/** Trivial tasks in a wide fan-out beside plain Node handing the same number to as many warm processes. */
export async function run(): Promise<readonly Figure[]> {
  const small = await measure(10_000, ROUNDS);
  const large = await measure(100_000, 1);
  const megabytes = large.schedulerMemory / 1024 / 1024;
  return [
    { name: "fan-out of 10,000 trivial tasks", value: small.ours / small.floor, unit: "×", target: 3, detail: small.detail },
    { name: "fan-out of 10,000: processor time", value: small.cpuRatio, unit: "×", detail: "of all processes together" },
    { name: "fan-out of 100,000: cost a task beside 10,000's", value: large.ours / 10 / small.ours, unit: "×", target: 1.1, detail: large.detail },
    { name: "fan-out of 100,000", value: large.ours / large.floor, unit: "×", detail: large.detail },
    { name: "fan-out of 100,000: scheduler's largest resident set", value: megabytes, unit: "MB", target: 300, detail: "" },
    { name: "files a task", value: small.filesPerTask, unit: "files", target: 2, detail: "everything below .millrace, divided by the tasks" },
  ];
}

async function measure(tasks: number, rounds: number) {
  const ours: number[] = [];
  const floor: number[] = [];
  const oursCpu: number[] = [];
  const floorCpu: number[] = [];
  let schedulerMemory = 0;
  let files = 0;
  let processes = 0;
  for (let round = 0; round < rounds; round++) {
    const project = new BenchProject("fan-out.ts");
    const bare = await node([floorScript, String(tasks), String(PROCESSES), join(project.dir, "floor")], { report: true });
    floor.push(bare.ms);
    floorCpu.push(cpuMs(bare));
    const finished = await project.millrace("run", ["--count", String(tasks), "--max-num-splits", String(tasks)], { report: true });
    ours.push(finished.ms);
    oursCpu.push(cpuMs(finished));
    schedulerMemory = Math.max(schedulerMemory, scheduler(finished).peakMemory);
    files = project.countFiles();
    processes = finished.processes.length - 1;
  }
  const each = (ms: number) => `${((ms * 1000) / tasks).toFixed(0)} µs`;
  return {
    ours: median(ours),
    floor: median(floor),
    cpuRatio: median(oursCpu) / median(floorCpu),
    schedulerMemory,
    filesPerTask: files / tasks,
    detail: `${milliseconds(median(ours))}, ${each(median(ours))} a task; floor ${milliseconds(median(floor))}, ${each(median(floor))}; ${processes} task processes, floor ${PROCESSES}`,
  };
}
