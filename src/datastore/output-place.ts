import type { JsonValue } from "../core/json.js";
import type { RunningTask } from "../core/records.js";

/** Where what a task prints can be read while it is at work. */
export type OutputPlace = OutputFiles | CloudWatchStream;

/** Two files, each from a byte on, on this machine or a file system that it shares. */
export interface OutputFiles {
  readonly kind: "files";
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutStart: number;
  readonly stderrStart: number;
  /** Nobody else prints to them, now or later. */
  readonly own: boolean;
}

/** A stream of AWS CloudWatch's; of its lines nobody can say to which of the two streams they went. */
export interface CloudWatchStream {
  readonly kind: "cloudwatch";
  readonly stream: string;
  readonly region: string;
}

/** What a run's lease says of a task's output; undefined when it says nothing that is understood. */
export function parseOutputPlace(atWork: RunningTask | undefined): OutputPlace | undefined {
  const output: JsonValue | undefined = atWork?.output;
  if (typeof output !== "object" || output === null || Array.isArray(output)) return undefined;
  const { stdout, stderr, stdoutStart = 0, stderrStart = 0, own, cloudWatch, region } = output as Readonly<Record<string, JsonValue>>;
  if (typeof cloudWatch === "string" && typeof region === "string") return { kind: "cloudwatch", stream: cloudWatch, region };
  if (typeof stdout !== "string" || typeof stderr !== "string" || typeof stdoutStart !== "number" || typeof stderrStart !== "number")
    return undefined;
  return { kind: "files", stdout, stderr, stdoutStart, stderrStart, own: own === true };
}
