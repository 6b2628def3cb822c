import type { CloudLogs } from "../compute/batch/cloud-logs.js";
import type { CloudWatchStream } from "../datastore/output-place.js";
import type { LogLine } from "../datastore/task-log.js";

/** The shortest time between two looks, milliseconds: they are requests. */
const LOOK_MS = 2_000;
/** Reads at one look, of some megabytes each. */
const READS_AT_ONCE = 20;

/** What jobs on AWS Batch have printed so far, read from CloudWatch as it comes, for many of them at once. */
export class CloudOutput implements Disposable {
  /** By region. */
  readonly #logs = new Map<string, CloudLogs>();
  /** By stream. */
  readonly #lines = new Map<string, LogLine[]>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /**
   * Looks for what is new in the streams, unless it has done so a moment ago.
   * @throws MillraceError `package-not-installed`, `batch-denied`, `aws-credentials`
   */
  async look(streams: readonly CloudWatchStream[], now: number): Promise<void> {
    const isKnown = streams.every(({ stream }) => this.#lines.has(stream));
    if (streams.length === 0 || (isKnown && now - this.#lookedAt < LOOK_MS)) return;
    this.#lookedAt = now;
    for (const region of new Set(streams.map((stream) => stream.region))) {
      const names = streams.flatMap((stream) => (stream.region === region ? [stream.stream] : []));
      await this.#read(await this.#logsIn(region), names);
    }
  }

  async #logsIn(region: string): Promise<CloudLogs> {
    let logs = this.#logs.get(region);
    if (logs === undefined) {
      const { openCloudLogs } = await import("../compute/batch/open-batch.js");
      logs = await openCloudLogs(region);
      this.#logs.set(region, logs);
    }
    return logs;
  }

  async #read(logs: CloudLogs, names: readonly string[]): Promise<void> {
    for (const name of names) {
      logs.open(name, name, 0);
      if (!this.#lines.has(name)) this.#lines.set(name, []);
    }
    for (let reads = 0; reads < READS_AT_ONCE; reads++) {
      const output = await logs.read(names);
      for (const { id, stream, text, time = 0 } of output) this.#lines.get(id)?.push({ time, stream, text: text.replace(/\n$/, ""), complete: true });
      if (output.length === 0) return;
    }
  }

  linesOf(stream: string): readonly LogLine[] {
    return this.#lines.get(stream) ?? [];
  }

  [Symbol.dispose](): void {
    for (const logs of this.#logs.values()) logs[Symbol.dispose]();
  }
}
