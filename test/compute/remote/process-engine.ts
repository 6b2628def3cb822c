import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FoundJob, JobOutput, JobRequest, JobState, RemoteEngine } from "../../../src/compute/remote/engine.js";
import type { JsonValue } from "../../../src/core/json.js";
import type { Failure } from "../../../src/core/failure.js";
import type { LogPiece } from "../../../src/datastore/task-log.js";

/** Goes before the start script: the job notes how it ended, as nobody waits for it. */
const NOTE_END = `import { writeFileSync as noteEnd } from "node:fs"; process.on("exit", (code) => noteEnd(process.env.TEST_JOB + "/exit", String(code)));`;

interface JobFile {
  readonly name: string;
  readonly index: number;
  readonly count: number;
}

export interface ProcessEngineOptions {
  /** Where jobs are: what a scheduler after this one finds them by. */
  readonly folder: string;
  /** Jobs stay in the queue while this file is there. */
  readonly holdFile: string;
  /** While this file is there, nothing answers. */
  readonly downFile: string;
  /** Others are told that jobs print to CloudWatch: a stream of the job's name, in this region. */
  readonly cloudWatch: string | undefined;
}

/**
 * An engine whose jobs are plain processes of this machine that nobody watches: they live on when their scheduler does not, and all
 * that is known of them stands in a folder. It works as the real ones do, but for the machine.
 */
export class ProcessEngine implements RemoteEngine {
  readonly name = "batch";
  readonly title = "The test's engine";
  readonly arrayVariable = "TEST_INDEX";
  readonly largestArray = 100;
  readonly pollMs = 20;
  readonly #options: ProcessEngineOptions;
  readonly #read = new Map<string, number>();

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  /** Not counted: the pace of looking is tested by itself. */
  readonly requests = 0;

  async check(): Promise<void> {}

  async submit({ name, count, boot, job }: JobRequest): Promise<readonly string[]> {
    this.#requireUp();
    this.#note(`submit ${count}`);
    return Array.from({ length: count }, (_, index) => {
      const id = `${name}.${index}`;
      mkdirSync(this.#path(id));
      writeFileSync(this.#path(id, "job.json"), JSON.stringify({ name, index, count } satisfies JobFile));
      writeFileSync(this.#path(id, "told.json"), job);
      writeFileSync(this.#path(id, "boot.mjs"), NOTE_END + boot);
      return id;
    });
  }

  async states(ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    this.#requireUp();
    this.#startQueued();
    return new Map(ids.map((id) => [id, this.#state(id)]));
  }

  async output(ids: readonly string[]): Promise<readonly JobOutput[]> {
    return ids.flatMap((id) =>
      (["stdout", "stderr"] as const).flatMap((stream) => {
        const file = this.#path(id, stream);
        const text = existsSync(file) ? readFileSync(file, "utf8") : "";
        const from = this.#read.get(file) ?? 0;
        this.#read.set(file, text.length);
        return text.length > from ? [{ id, stream, text: text.slice(from) }] : [];
      }),
    );
  }

  outputPlace(id: string): JsonValue {
    const region = this.#options.cloudWatch;
    if (region !== undefined) return { cloudWatch: id, region };
    return { stdout: this.#path(id, "stdout"), stderr: this.#path(id, "stderr"), own: true };
  }

  async log(id: string): Promise<readonly LogPiece[]> {
    return (["stdout", "stderr"] as const)
      .filter((stream) => existsSync(this.#path(id, stream)))
      .map((stream) => ({ time: Date.now(), stream, bytes: readFileSync(this.#path(id, stream)) }));
  }

  async cancel(ids: readonly string[], which: "all" | "queued"): Promise<void> {
    this.#requireUp();
    for (const id of ids) {
      const state = this.#state(id);
      if (state.phase === "queued") writeFileSync(this.#path(id, "cancelled"), "");
      else if (state.phase === "running" && which === "all") kill(this.#pid(id), "SIGTERM");
    }
  }

  async find(): Promise<readonly FoundJob[]> {
    this.#requireUp();
    return readdirSync(this.#options.folder)
      .filter((id) => existsSync(this.#path(id, "job.json")))
      .map((id) => {
        const { name, index, count } = JSON.parse(readFileSync(this.#path(id, "job.json"), "utf8")) as JobFile;
        return { id, name, ...(count > 1 && { index }), state: this.#state(id) };
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #requireUp(): void {
    if (existsSync(this.#options.downFile)) throw new Error("the network is down");
  }

  #note(line: string): void {
    writeFileSync(join(this.#options.folder, "calls"), `${line}\n`, { flag: "a" });
  }

  #startQueued(): void {
    if (existsSync(this.#options.holdFile)) return;
    for (const id of readdirSync(this.#options.folder)) {
      if (existsSync(this.#path(id, "told.json")) && this.#state(id).phase === "queued") this.#start(id);
    }
  }

  #start(id: string): void {
    const [stdout, stderr] = [openSync(this.#path(id, "stdout"), "w"), openSync(this.#path(id, "stderr"), "w")];
    const { index } = JSON.parse(readFileSync(this.#path(id, "job.json"), "utf8")) as JobFile;
    const child = spawn(process.execPath, ["--input-type=module", "-e", readFileSync(this.#path(id, "boot.mjs"), "utf8")], {
      detached: true,
      stdio: ["ignore", stdout, stderr],
      env: {
        ...process.env,
        TEST_JOB: this.#path(id),
        TEST_INDEX: String(index),
        MILLRACE_JOB: readFileSync(this.#path(id, "told.json"), "utf8"),
      },
    });
    child.unref();
    writeFileSync(this.#path(id, "pid"), String(child.pid));
    closeSync(stdout);
    closeSync(stderr);
  }

  #state(id: string): JobState {
    if (existsSync(this.#path(id, "cancelled"))) return { phase: "ended", failure: failure("cancelled", "The job was cancelled.") };
    if (!existsSync(this.#path(id, "pid"))) return existsSync(this.#path(id)) ? { phase: "queued" } : { phase: "unknown" };
    if (existsSync(this.#path(id, "exit"))) {
      const code = readFileSync(this.#path(id, "exit"), "utf8");
      return code === "0" ? { phase: "ended" } : { phase: "ended", failure: failure("exited", `The job ended with exit code ${code}.`) };
    }
    return kill(this.#pid(id), 0) ? { phase: "running" } : { phase: "ended", failure: failure("killed", "The job was killed.") };
  }

  #pid(id: string): number {
    return Number(readFileSync(this.#path(id, "pid"), "utf8"));
  }

  #path(...parts: readonly string[]): string {
    return join(this.#options.folder, ...parts);
  }
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function failure(code: string, message: string): Failure {
  return { code, name: "JobFailed", message, frames: [] };
}
