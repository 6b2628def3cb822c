import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Figure, median, milliseconds } from "./figure.js";
import { BenchProject, root } from "./project.js";

const exec = promisify(execFile);
const ROUNDS = 5;

interface Service {
  readonly status: string;
  readonly reason?: string;
  readonly values: { readonly env: Readonly<Record<string, string>> };
}

/** From the moment that Slurm has a task's job to the step's first line, beside the same for a job that is `node -e` alone. */
export async function run(): Promise<readonly Figure[]> {
  const { useService } = (await import(pathToFileURL(join(root, "scripts/services.mjs")).href)) as {
    readonly useService: (name: string, user: number) => Promise<Service>;
  };
  const service = await useService("slurm", process.pid);
  if (service.status !== "ready") return [{ name: "Slurm: no cluster", value: 0, unit: "", detail: service.reason ?? "" }];
  Object.assign(process.env, service.values.env);
  const project = new BenchProject("on-slurm.ts");
  await project.millrace("run", ["--quiet"]);
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareStart(), await bareStart());
    ours.push(...taskStarts((await project.millrace("run", ["--json"])).stdout));
  }
  const ourOwn = Math.max(0, median(ours) - median(bare)) / 1000;
  return [
    {
      name: "a job on Slurm, accepted → user code, our own part",
      value: ourOwn,
      unit: "s",
      target: 1.5,
      detail: `${milliseconds(median(ours))}; a job of node -e alone: ${milliseconds(median(bare))}, most of it Slurm's`,
    },
  ];
}

/** For each task of a run, milliseconds from its job's acceptance to its code. */
function taskStarts(events: string): readonly number[] {
  const accepted = new Map<string, number>();
  const starts: number[] = [];
  for (const line of events.split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as { type: string; time: number; text?: string; task?: { pathspec: string } };
    const task = event.task?.pathspec ?? "";
    const reached = /reached (\d+)/.exec(event.text ?? "")?.[1];
    if (event.type === "task-queued") accepted.set(task, event.time);
    else if (reached !== undefined) starts.push(Number(reached) - (accepted.get(task) ?? Number.NaN));
  }
  return starts;
}

async function bareStart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const output = join(folder, "out");
  try {
    await exec("sbatch", ["--parsable", `--output=${output}`, `--wrap=node -e 'console.log(Date.now())'`]);
    const accepted = Date.now();
    while (!existsSync(output) || !/\d+\n/.test(readFileSync(output, "utf8"))) await new Promise((resolve) => setTimeout(resolve, 20));
    return Number(readFileSync(output, "utf8")) - accepted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
