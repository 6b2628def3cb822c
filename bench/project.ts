import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Benches are started in the repository's root. */
export const root = process.cwd();
export const command = join(root, "dist/cli/bin.js");

export interface Finished {
  /** Wall time from start to exit, milliseconds. */
  readonly ms: number;
  /** When it was started, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stdout: string;
  readonly exitCode: number;
  /** What each process of the tree reported at its exit. */
  readonly processes: readonly ProcessReport[];
}

/** What `floor/process-report.mjs`, preloaded, writes when a process ends. */
export interface ProcessReport {
  readonly pid: number;
  /** The script that Node was started with, its base name. */
  readonly script: string;
  /** The largest resident set, bytes. */
  readonly peakMemory: number;
  /** Processor time of the process, user and system, milliseconds. */
  readonly cpuMs: number;
  /** Bytes that the process, and its children that have ended, asked the system to read; undefined where the system does not tell. */
  readonly bytesRead?: number;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Collect {@link Finished.processes}. */
  readonly report?: boolean;
  /** Exit codes that are right. */
  readonly exitCodes?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `node ARGS` to its end. */
export function node(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
  const reports = options.report === true ? mkdtempSync(join(tmpdir(), "millrace-report-")) : undefined;
  const preload = `--import=${join(root, "bench/floor/process-report.mjs")}`;
  const env = { ...process.env, ...options.env, ...(reports !== undefined && { NODE_OPTIONS: preload, BENCH_REPORTS: reports }) };
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd: options.cwd ?? root, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      const ms = performance.now() - started;
      const exitCode = code ?? -1;
      const processes = reports === undefined ? [] : readReports(reports);
      if ((options.exitCodes ?? [0]).includes(exitCode)) resolve({ ms, startedAt, stdout, exitCode, processes });
      else reject(new Error(`node ${args.join(" ")} ended with ${exitCode}:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`));
    });
  });
}

function readReports(folder: string): readonly ProcessReport[] {
  const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as ProcessReport);
  rmSync(folder, { recursive: true });
  return reports;
}

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * A new project in a temporary folder with one flow in it, as a user would have it: the package linked into node_modules. The folder stays until
 * the bench ends: file systems are slow to make files for a while after many were removed.
 */
export class BenchProject {
  readonly dir = mkdtempSync(join(tmpdir(), "millrace-bench-"));

  constructor(readonly flow: string) {
    mkdirSync(join(this.dir, "node_modules"));
    symlinkSync(root, join(this.dir, "node_modules/millrace"), "junction");
    writeFileSync(join(this.dir, "package.json"), '{ "name": "bench", "type": "module", "private": true }\n');
    copyFileSync(join(root, "bench/flows", flow), join(this.dir, basename(flow)));
    folders.push(this.dir);
  }

  /** Runs `millrace COMMAND FLOW ARGS`. */
  millrace(verb: "run" | "resume", args: readonly string[] = [], options: StartOptions = {}): Promise<Finished> {
    return node([command, verb, this.flow, ...args], { cwd: this.dir, ...options });
  }

  /** Files below the datastore. */
  countFiles(): number {
    return readdirSync(join(this.dir, ".millrace"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  }
}

/** Processor time of all processes of a run, milliseconds: on a busy machine steadier than wall time. */
export function cpuMs(finished: Finished): number {
  return finished.processes.reduce((sum, process) => sum + process.cpuMs, 0);
}

/** The process that was started with millrace's command. */
export function scheduler(finished: Finished): ProcessReport {
  const report = finished.processes.find(({ script }) => script === basename(command));
  if (report === undefined) throw new Error("the scheduler's process left no report");
  return report;
}
