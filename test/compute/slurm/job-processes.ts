import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The processes of a job at work on this machine, from the daemon that watches it to the task's own. */
export interface JobProcesses {
  /** Slurm's `slurmstepd`. */
  readonly daemon: number;
  /** The job's script, what it runs, what that runs …, each the parent of the next, as far as they have come. */
  readonly chain: readonly number[];
}

/** Jobs at work whose name begins so, with their processes. */
export function jobsAtWork(namePrefix: string, env: NodeJS.ProcessEnv): readonly JobProcesses[] {
  const listed = execFileSync("squeue", ["--noheader", "--states=RUNNING", "--Format=JobID:|,Name:|"], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  const ids = listed.split("\n").flatMap((line) => {
    const [id = "", name = ""] = line.split("|");
    return name.startsWith(namePrefix) ? [id] : [];
  });
  const processes = allProcesses();
  return ids.flatMap((id) => {
    const daemon = processes.find(({ command }) => command.startsWith(`slurmstepd: [${id}.`));
    return daemon === undefined ? [] : [{ daemon: daemon.pid, chain: descendants(daemon.pid, processes) }];
  });
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function allProcesses(): readonly Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The command's name stands in parentheses and may hold anything.
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return [{ pid: Number(entry), parent: Number(parent), command }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

function descendants(pid: number, processes: readonly Process[]): readonly number[] {
  const child = processes.find(({ parent }) => parent === pid);
  return child === undefined ? [] : [child.pid, ...descendants(child.pid, processes)];
}
