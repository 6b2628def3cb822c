import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { until } from "./condition.js";

/** A process that carries the mark of one test project in its environment. */
export interface MarkedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The environment variable that every process of a project inherits. */
export const MARK = "RIG_MARK";

/** The live processes that carry the mark: all that descends from a project's commands, orphans included. */
export function markedProcesses(mark: string): readonly MarkedProcess[] {
  return existsSync("/proc/self/environ") ? fromProc(mark) : fromPs(mark);
}

function fromProc(mark: string): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (!readFileSync(`/proc/${entry}/environ`, "utf8").split("\0").includes(`${MARK}=${mark}`)) continue;
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The command's name stands in parentheses and may hold anything; the state and the parent follow the last one.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      found.push({ pid: Number(entry), parent: Number(parent), command });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function fromPs(mark: string): MarkedProcess[] {
  const lines = execFileSync("ps", ["eww", "-Ao", "pid=,ppid=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).split("\n");
  return lines
    .filter((line) => line.split(" ").includes(`${MARK}=${mark}`))
    .map((line) => {
      const [pid, parent, ...command] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command: command.join(" ") };
    });
}

/** Waits until no process carries the mark. */
export async function untilNoneLeft(mark: string): Promise<void> {
  await until(
    "every process of the run is gone",
    () => markedProcesses(mark).length === 0,
    () => `still there: ${JSON.stringify(markedProcesses(mark))}`,
  );
}

/** Ends a process at once; no error when it is gone already. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
