import type { Figure } from "./figure.js";
import { BenchProject } from "./project.js";

const COUNT = 10_000;
const KILOBYTES = 100;

/** A join that walks 10,000 inputs of 100 KB, a gigabyte in all: the largest resident set of its process. */
export async function run(): Promise<readonly Figure[]> {
  return [await measure("text", []), await measure("rows", ["--rows"])];
}

async function measure(kind: string, options: readonly string[]): Promise<Figure> {
  const project = new BenchProject("wide-join.ts");
  const args = ["--count", String(COUNT), "--kilobytes", String(KILOBYTES), "--max-num-splits", String(COUNT), ...options];
  const { stdout } = await project.millrace("run", args);
  const peak = Number(/\bpeak (\d+)/.exec(stdout)?.[1]);
  return { name: `join of 10,000 inputs of 100 KB ${kind}: largest resident set`, value: peak / 1024 / 1024, unit: "MB", target: 300, detail: "" };
}
