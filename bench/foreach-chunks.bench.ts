import type { Figure } from "./figure.js";
import { BenchProject, scheduler } from "./project.js";

const COUNT = 100;
const MEGABYTES = 10;

/**
 * Foreach over 100 chunks of 10 MB: what all processes of the run read together, counted by the system, less what the same flow with
 * chunks of no size reads (Node itself, the code, records). Linux adds what ended children read to their parent's count.
 */
export async function run(): Promise<readonly Figure[]> {
  const empty = await countBytesRead(0);
  const full = await countBytesRead(MEGABYTES);
  const once = COUNT * MEGABYTES * 1024 * 1024;
  return [
    {
      name: "foreach over 100 chunks of 10 MB: reads of each chunk",
      value: (full - empty) / once,
      unit: "×",
      target: 1.02,
      detail: `${inMegabytes(full)} read in all, ${inMegabytes(empty)} of it with empty chunks; once would be ${inMegabytes(once)}`,
    },
  ];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}

async function countBytesRead(megabytes: number): Promise<number> {
  const project = new BenchProject("chunks.ts");
  const finished = await project.millrace("run", ["--count", String(COUNT), "--megabytes", String(megabytes)], { report: true });
  const parent = scheduler(finished);
  const children = finished.processes.filter((process) => process !== parent);
  return Math.max(
    parent.bytesRead ?? Number.NaN,
    children.reduce((sum, { bytesRead = Number.NaN }) => sum + bytesRead, 0),
  );
}
