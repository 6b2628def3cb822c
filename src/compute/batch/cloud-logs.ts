import type { CloudWatchLogsClient, FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import type { LogPiece } from "../../datastore/task-log.js";
import type { JobOutput } from "../remote/engine.js";
import { batchError } from "./batch-error.js";

export type LogsSdk = typeof import("@aws-sdk/client-cloudwatch-logs");

/** Where AWS Batch lets jobs log unless a compute environment says otherwise. */
const LOG_GROUP = "/aws/batch/job";
/** Streams that are looked into in one request. */
const STREAMS_AT_ONCE = 100;
/** What comes late is looked for so far back, twice, milliseconds. */
const OVERLAP_MS = 15_000;
/** Requests that one look makes for the same streams at most; the rest waits for the next. */
const PAGES_AT_ONCE = 5;
/** Requests, of up to 1 MB each, for the whole log of a job that has failed. */
const PAGES_OF_A_LOG = 50;

/** What has been read of one job's stream. */
interface Stream {
  readonly id: string;
  readonly name: string;
  /** Up to when it has been read, milliseconds since the epoch: the newest event, or where there was none for long, about now. */
  newest: number;
  /** Events of the last while, by id. */
  seen: Map<string, number>;
}

/** What jobs print, as CloudWatch keeps it. */
export class CloudLogs implements Disposable {
  readonly #sdk: LogsSdk;
  readonly #client: CloudWatchLogsClient;
  readonly #streams = new Map<string, Stream>();
  readonly #now: () => number;
  requests = 0;

  constructor(sdk: LogsSdk, client: CloudWatchLogsClient, now: () => number = Date.now) {
    this.#sdk = sdk;
    this.#client = client;
    this.#now = now;
  }

  /** From here on the job's stream is known. */
  open(id: string, name: string, since: number): void {
    if (!this.#streams.has(id)) this.#streams.set(id, { id, name, newest: since, seen: new Map() });
  }

  isOpen(id: string): boolean {
    return this.#streams.has(id);
  }

  /** What the job's stream is called, where that is known. */
  nameOf(id: string): string | undefined {
    return this.#streams.get(id)?.name;
  }

  close(id: string): void {
    this.#streams.delete(id);
  }

  /** What came since the last time, of those jobs whose streams are known. */
  async read(ids: readonly string[]): Promise<readonly JobOutput[]> {
    const streams = ids.flatMap((id) => this.#streams.get(id) ?? []);
    const output: JobOutput[] = [];
    for (let start = 0; start < streams.length; start += STREAMS_AT_ONCE) {
      output.push(...(await this.#readTogether(streams.slice(start, start + STREAMS_AT_ONCE))));
    }
    return output;
  }

  async #readTogether(streams: readonly Stream[]): Promise<JobOutput[]> {
    const byName = new Map(streams.map((stream) => [stream.name, stream]));
    try {
      const lookedAt = this.#now();
      const since = Math.min(...streams.map(({ newest }) => newest)) - OVERLAP_MS;
      const { events, isWhole } = await this.#newEvents([...byName.keys()], Math.max(0, since));
      const output = events.flatMap((event) => take(event, byName.get(event.logStreamName ?? "")));
      // What silent streams have been looked through for is not read again and again of those that are not.
      const readUpTo = isWhole ? lookedAt - OVERLAP_MS : (events.at(-1)?.timestamp ?? 0);
      for (const stream of streams) stream.newest = Math.max(stream.newest, readUpTo);
      return output;
    } catch (error) {
      if (!isMissing(error)) throw batchError("logs:FilterLogEvents", error);
      // One of the streams is not there yet, and the request is refused for all.
      if (streams.length === 1) return [];
      const half = Math.ceil(streams.length / 2);
      return [...(await this.#readTogether(streams.slice(0, half))), ...(await this.#readTogether(streams.slice(half)))];
    }
  }

  async #newEvents(
    logStreamNames: string[],
    startTime: number,
  ): Promise<{ readonly events: readonly FilteredLogEvent[]; readonly isWhole: boolean }> {
    const events: FilteredLogEvent[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < PAGES_AT_ONCE; page++) {
      this.requests++;
      const command = new this.#sdk.FilterLogEventsCommand({ logGroupName: LOG_GROUP, logStreamNames, startTime, nextToken });
      const answer = await this.#client.send(command);
      events.push(...(answer.events ?? []));
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
    return { events, isWhole: nextToken === undefined };
  }

  /** All that is in a stream. */
  async whole(logStreamName: string): Promise<readonly LogPiece[]> {
    const pieces: LogPiece[] = [];
    let nextToken: string | undefined;
    try {
      for (let page = 0; page < PAGES_OF_A_LOG; page++) {
        this.requests++;
        const command = new this.#sdk.GetLogEventsCommand({ logGroupName: LOG_GROUP, logStreamName, startFromHead: true, nextToken });
        const { events = [], nextForwardToken } = await this.#client.send(command);
        for (const { timestamp = 0, message = "" } of events) pieces.push({ time: timestamp, stream: "stdout", bytes: Buffer.from(`${message}\n`) });
        if (nextForwardToken === nextToken) break;
        nextToken = nextForwardToken;
      }
    } catch (error) {
      if (!isMissing(error)) throw batchError("logs:GetLogEvents", error);
    }
    return pieces;
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** The event as output, if it is new. What is too old to be remembered has been shown, or is left to the job's whole log. */
function take({ eventId = "", timestamp = 0, message = "" }: FilteredLogEvent, stream: Stream | undefined): JobOutput[] {
  if (stream === undefined || stream.seen.has(eventId) || timestamp < stream.newest - 2 * OVERLAP_MS) return [];
  stream.newest = Math.max(stream.newest, timestamp);
  stream.seen.set(eventId, timestamp);
  for (const [id, time] of stream.seen) if (time < stream.newest - 2 * OVERLAP_MS) stream.seen.delete(id);
  return [{ id: stream.id, stream: "stdout", text: `${message}\n`, time: timestamp }];
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ResourceNotFoundException";
}
