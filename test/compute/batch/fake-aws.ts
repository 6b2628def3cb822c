import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { BatchClient } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import * as batchSdk from "@aws-sdk/client-batch";
import * as logsSdk from "@aws-sdk/client-cloudwatch-logs";
import { BatchApi } from "../../../src/compute/batch/batch-api.js";
import { BatchEngine } from "../../../src/compute/batch/batch-engine.js";
import { CloudLogs } from "../../../src/compute/batch/cloud-logs.js";
import type { BatchDefaults } from "../../../src/core/records.js";

export interface FakeJob {
  readonly jobId: string;
  readonly jobName: string;
  status: string;
  statusReason?: string;
  container?: { logStreamName?: string; exitCode?: number; reason?: string };
  /** Of an array: its elements, by number. */
  readonly elements?: FakeJob[];
}

interface Call {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * AWS Batch and CloudWatch as far as their answers matter here, over HTTP to the real clients: for what the service that runs
 * real containers in the other tests lacks (arrays whose elements AWS ends with their parent, logs while jobs run, thousands of
 * jobs, refusals).
 */
export class FakeAws implements AsyncDisposable {
  readonly calls: Call[] = [];
  readonly jobs = new Map<string, FakeJob>();
  readonly queues: Record<string, unknown>[] = [
    {
      jobQueueName: "main",
      jobQueueArn: "arn:queue/main",
      state: "ENABLED",
      status: "VALID",
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: "arn:env" }],
    },
  ];
  environmentType = "EC2";
  readonly definitions = new Map<string, Record<string, unknown>>();
  /** What CloudWatch has, by stream. */
  readonly events = new Map<string, { eventId: string; timestamp: number; message: string }[]>();
  /** Refuses an action, once said. */
  readonly refusals = new Map<string, { readonly name: string; readonly message: string; readonly status?: number }>();
  now = 1_000_000;
  readonly #server: Server;
  readonly #engines: BatchEngine[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const target = request.headers["x-amz-target"];
        const action = typeof target === "string" ? (target.split(".")[1] ?? "") : (request.url ?? "").replace("/v1/", "");
        const input = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as Record<string, unknown>;
        this.calls.push({ action: action.toLowerCase(), input });
        const refusal = this.refusals.get(action.toLowerCase());
        if (refusal !== undefined) {
          response.writeHead(refusal.status ?? 400, { "content-type": "application/json", "x-amzn-errortype": refusal.name });
          response.end(JSON.stringify({ __type: refusal.name, message: refusal.message }));
          return;
        }
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(this.#answer(action.toLowerCase(), input)));
      });
    });
  }

  static async start(): Promise<FakeAws> {
    const aws = new FakeAws();
    aws.#server.listen(0, "127.0.0.1");
    await once(aws.#server, "listening");
    return aws;
  }

  get endpoint(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  engine(defaults: BatchDefaults = { queue: "main" }): BatchEngine {
    const options = { endpoint: this.endpoint, region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 };
    const engine = new BatchEngine({
      api: new BatchApi(batchSdk, new BatchClient(options), new BatchClient(options)),
      logs: new CloudLogs(logsSdk, new CloudWatchLogsClient(options), () => this.now),
      defaults,
      now: () => this.now,
    });
    this.#engines.push(engine);
    return engine;
  }

  /** How often each action was called. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { action } of this.calls) counts[action] = (counts[action] ?? 0) + 1;
    return counts;
  }

  element(array: string, index: number): FakeJob {
    const job = this.jobs.get(array)?.elements?.[index];
    if (job === undefined) throw new Error(`no element ${index}`);
    return job;
  }

  /** A job of its own, or an array. */
  job(id: string): FakeJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return job;
  }

  #answer(action: string, input: Readonly<Record<string, unknown>>): unknown {
    switch (action) {
      case "describejobqueues": {
        const wanted = input["jobQueues"];
        return { jobQueues: Array.isArray(wanted) ? this.queues.filter((queue) => wanted.includes(queue["jobQueueName"])) : this.queues };
      }
      case "describecomputeenvironments":
        return { computeEnvironments: [{ computeEnvironmentName: "env", computeResources: { type: this.environmentType } }] };
      case "describejobdefinitions": {
        const found = this.definitions.get(String(input["jobDefinitionName"]));
        return { jobDefinitions: found === undefined ? [] : [{ jobDefinitionArn: "arn:known", revision: 1, status: "ACTIVE" }] };
      }
      case "registerjobdefinition":
        this.definitions.set(String(input["jobDefinitionName"]), input);
        return { jobDefinitionArn: "arn:new", jobDefinitionName: input["jobDefinitionName"], revision: 1 };
      case "submitjob":
        return this.#submit(input);
      case "describejobs":
        return { jobs: list(input["jobs"]).flatMap((id) => this.#describe(id)) };
      case "listjobs":
        return this.#list(input);
      case "terminatejob":
      case "canceljob": {
        const job = this.#find(String(input["jobId"]));
        for (const one of job?.elements ?? (job === undefined ? [] : [job])) {
          const ends = action === "terminatejob" || !["STARTING", "RUNNING"].includes(one.status);
          if (ends && one.status !== "SUCCEEDED") Object.assign(one, { status: "FAILED", statusReason: String(input["reason"]) });
        }
        return {};
      }
      case "filterlogevents":
        return this.#filter(list(input["logStreamNames"]), Number(input["startTime"]));
      case "getlogevents":
        // At the end, the token that was given comes back.
        return { events: input["nextToken"] === undefined ? (this.events.get(String(input["logStreamName"])) ?? []) : [], nextForwardToken: "end" };
      default:
        throw new Error(`${action} is not answered here`);
    }
  }

  #submit({ jobName, arrayProperties }: Readonly<Record<string, unknown>>): unknown {
    const jobId = `job-${this.jobs.size}`;
    const size =
      typeof arrayProperties === "object" && arrayProperties !== null && "size" in arrayProperties ? Number(arrayProperties.size) : undefined;
    const make = (id: string): FakeJob => ({ jobId: id, jobName: String(jobName), status: "RUNNABLE" });
    const elements = size === undefined ? undefined : Array.from({ length: size }, (_, index) => make(`${jobId}:${index}`));
    this.jobs.set(jobId, { ...make(jobId), ...(elements !== undefined && { elements }) });
    return { jobId, jobName };
  }

  #find(id: string): FakeJob | undefined {
    const [array = "", index] = id.split(":");
    return index === undefined ? this.jobs.get(id) : this.jobs.get(array)?.elements?.[Number(index)];
  }

  #describe(id: string): unknown[] {
    const job = this.#find(id);
    if (job === undefined) return [];
    const { elements, ...rest } = job;
    if (elements === undefined) return [rest];
    const statusSummary: Record<string, number> = {};
    for (const { status } of elements) statusSummary[status] = (statusSummary[status] ?? 0) + 1;
    return [{ ...rest, arrayProperties: { size: elements.length, statusSummary } }];
  }

  /** Up to 1,000 a page, as AWS does for one status. */
  #list({ arrayJobId, jobStatus, nextToken, filters }: Readonly<Record<string, unknown>>): unknown {
    const all =
      filters === undefined
        ? (this.jobs.get(String(arrayJobId))?.elements ?? []).filter(({ status }) => status === jobStatus)
        : [...this.jobs.values()];
    const start = Number(nextToken ?? 0);
    const page = all.slice(start, start + 1_000).map(({ elements: _elements, ...job }) => job);
    return { jobSummaryList: page, ...(start + 1_000 < all.length && { nextToken: String(start + 1_000) }) };
  }

  #filter(names: readonly string[], startTime: number): unknown {
    const events = names.flatMap((logStreamName) => (this.events.get(logStreamName) ?? []).map((event) => ({ ...event, logStreamName })));
    return { events: events.filter(({ timestamp }) => timestamp >= startTime).toSorted((a, b) => a.timestamp - b.timestamp) };
  }

  /** From here on nobody answers. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#engines) await engine[Symbol.asyncDispose]();
    await this.close();
  }
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
