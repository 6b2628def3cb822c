import type { TaskSpec } from "../../core/task-spec.js";
import type { LogLine, LogStream } from "../../datastore/task-log.js";
import type { LivingJob } from "./living-jobs.js";
import type { AttemptListener } from "../compute.js";

/**
 * How far an attempt has come: `gathered` with others that go out together, `submitting`, `queued` in the engine's hands,
 * `running`, `ending` (its job is over and its record is looked for), `over` (its end is told).
 */
export type AttemptPhase = "gathered" | "submitting" | "queued" | "running" | "ending" | "over";

/** An attempt that was submitted, from here to its last word. */
export class RemoteAttempt {
  readonly spec: TaskSpec;
  /** The job is an earlier run's, which has outlived its scheduler. */
  readonly adopted: LivingJob | undefined;
  readonly queuedAt: number;
  phase: AttemptPhase = "gathered";
  /** The job's id, from the phase `queued` on. */
  id: string | undefined;
  startedAt: number | undefined;
  /** What the run wants of it: `withdrawn`, if it has not begun, or `stopped`. */
  wish: "withdrawn" | "stopped" | undefined;
  /** Since when the engine does not know its job. */
  unknownSince: number | undefined;
  /** What the engine last said of its waiting. */
  note: string | undefined;
  readonly #listener: AttemptListener;
  /** Lines shown so far, and how often each; the last of each stream may be unfinished. */
  readonly #shown = new Map<string, number>();
  readonly #unfinished: Record<LogStream, string> = { stdout: "", stderr: "" };

  constructor(spec: TaskSpec, listener: AttemptListener, queuedAt: number, adopted?: LivingJob) {
    this.spec = spec;
    this.adopted = adopted;
    this.#listener = listener;
    this.queuedAt = queuedAt;
  }

  /** The engine has it. */
  queued(id: string, where: string): void {
    this.id = id;
    this.phase = "queued";
    this.#listener.queued(id, where, false);
  }

  /** The engine has taken its machine away, and will start it anew on another. */
  requeued(where: string): void {
    if (this.phase !== "running") return;
    this.phase = "queued";
    this.startedAt = undefined;
    this.#listener.queued(this.id ?? "", where, true);
  }

  started(now: number): void {
    if (this.startedAt !== undefined) return;
    this.startedAt = now;
    if (this.phase === "queued") this.phase = "running";
    this.#listener.started();
  }

  /** Its job found the datastore slow or failing. */
  trouble(reason: string): void {
    this.#listener.trouble?.(reason);
  }

  /** Shows what the job has printed, as the engine tells it. */
  output(stream: LogStream, text: string): void {
    if (text === "") return;
    const lines = (this.#unfinished[stream] + text).split("\n");
    this.#unfinished[stream] = lines.pop() ?? "";
    for (const line of lines) this.#shown.set(line, (this.#shown.get(line) ?? 0) + 1);
    this.#listener.output(stream, text);
  }

  /**
   * Shows those lines of the attempt's whole log that have not been shown. The engine may have told of them in another order,
   * and not to which stream they went.
   */
  restOfOutput(log: readonly LogLine[]): void {
    for (const { stream, text, complete } of log) {
      const times = this.#shown.get(text) ?? 0;
      if (times > 0) this.#shown.set(text, times - 1);
      else this.#showLine(stream, text, complete);
    }
    this.#shown.clear();
  }

  #showLine(stream: LogStream, text: string, complete: boolean): void {
    const begun = this.#unfinished[stream];
    this.#unfinished[stream] = "";
    const rest = begun !== "" && text.startsWith(begun) ? text.slice(begun.length) : text;
    this.#listener.output(stream, complete ? `${rest}\n` : rest);
  }

  ended(outcome: Parameters<AttemptListener["ended"]>[0]): void {
    if (this.phase === "over") return;
    this.phase = "over";
    this.#listener.ended(outcome);
  }

  withdrawn(): void {
    if (this.phase === "over") return;
    this.phase = "over";
    this.#listener.withdrawn();
  }
}
