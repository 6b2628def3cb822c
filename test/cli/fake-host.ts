import { Writable } from "node:stream";
import type { Host } from "../../src/cli/host.js";
import { main } from "../../src/cli/main.js";

/** What a command left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Collector extends Writable {
  text = "";
  readonly isTTY = false;

  override _write(chunk: unknown, _encoding: string, callback: () => void): void {
    this.text += String(chunk);
    callback();
  }
}

/** Runs `millrace ARGS` in this process, in the folder and with nothing but the given environment. */
export async function call(args: readonly string[], cwd: string, environment: Host["environment"] = {}): Promise<Outcome> {
  const stdout = new Collector();
  const stderr = new Collector();
  // The commands use of a stream what Writable has, and isTTY and columns.
  const host = { cwd, environment, stdout, stderr } as unknown as Host;
  const code = await main(args, host);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
