import type {
  BatchClient,
  ComputeEnvironmentDetail,
  JobDetail,
  JobQueueDetail,
  JobStatus,
  JobSummary,
  RegisterJobDefinitionCommandInput,
  SubmitJobCommandInput,
} from "@aws-sdk/client-batch";
import { mapAtOnce } from "../../core/gate.js";
import { batchError } from "./batch-error.js";

/** The SDK's module: loaded only where steps run on AWS Batch. */
export type BatchSdk = typeof import("@aws-sdk/client-batch");

/** Jobs that AWS describes in one request. */
const DESCRIBED_AT_ONCE = 100;
/** Ends that are asked for at once. */
const ENDED_AT_ONCE = 8;

/**
 * The requests to AWS Batch that are made, counted. These and no others are what the policy in docs/aws.md allows:
 *
 * | action | for |
 * |---|---|
 * | `batch:DescribeJobQueues`, `batch:DescribeComputeEnvironments` | the check before a run starts |
 * | `batch:DescribeJobDefinitions`, `batch:RegisterJobDefinition` | the description of a step's jobs, once for all runs that share it |
 * | `batch:SubmitJob` | starting jobs |
 * | `batch:TagResource` | only for steps with `@batch({ tags })` |
 * | `batch:DescribeJobs`, `batch:ListJobs` | looking how they are; finding them again |
 * | `batch:TerminateJob`, `batch:CancelJob` | ending them |
 * | `logs:FilterLogEvents`, `logs:GetLogEvents` | what they print while they run |
 * | `iam:PassRole` | for the job role and the execution role, if there are any |
 */
export class BatchApi implements Disposable {
  readonly #sdk: BatchSdk;
  readonly #client: BatchClient;
  readonly #starter: BatchClient;
  #requests = 0;

  /** @param starter Sends each request once: one that starts a job, sent twice, might start two. */
  constructor(sdk: BatchSdk, client: BatchClient, starter: BatchClient) {
    this.#sdk = sdk;
    this.#client = client;
    this.#starter = starter;
  }

  /** Made so far. */
  get requests(): number {
    return this.#requests;
  }

  get region(): Promise<string> {
    return this.#client.config.region();
  }

  async #call<T>(action: string, send: () => Promise<T>): Promise<T> {
    this.#requests++;
    try {
      return await send();
    } catch (error) {
      throw batchError(action, error);
    }
  }

  /** The queues of these names or ARNs that there are; without names, all of them (the first page). */
  async queues(names?: readonly string[]): Promise<readonly JobQueueDetail[]> {
    const input = names === undefined ? {} : { jobQueues: [...names] };
    const { jobQueues = [] } = await this.#call("batch:DescribeJobQueues", () => this.#client.send(new this.#sdk.DescribeJobQueuesCommand(input)));
    return jobQueues;
  }

  async computeEnvironments(names: readonly string[]): Promise<readonly ComputeEnvironmentDetail[]> {
    const command = new this.#sdk.DescribeComputeEnvironmentsCommand({ computeEnvironments: [...names] });
    const { computeEnvironments = [] } = await this.#call("batch:DescribeComputeEnvironments", () => this.#client.send(command));
    return computeEnvironments;
  }

  /** The ARN of the newest job definition of the name that is in use; undefined when there is none. */
  async findDefinition(name: string): Promise<string | undefined> {
    const command = new this.#sdk.DescribeJobDefinitionsCommand({ jobDefinitionName: name, status: "ACTIVE" });
    const { jobDefinitions = [] } = await this.#call("batch:DescribeJobDefinitions", () => this.#client.send(command));
    const newest = jobDefinitions.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0)).find(({ status }) => status !== "INACTIVE");
    return newest?.jobDefinitionArn;
  }

  async registerDefinition(input: RegisterJobDefinitionCommandInput): Promise<string> {
    const command = new this.#sdk.RegisterJobDefinitionCommand(input);
    const { jobDefinitionArn } = await this.#call("batch:RegisterJobDefinition", () => this.#client.send(command));
    return required(jobDefinitionArn, "jobDefinitionArn");
  }

  /** The job's id. */
  async submit(input: SubmitJobCommandInput): Promise<string> {
    const { jobId } = await this.#call("batch:SubmitJob", () => this.#starter.send(new this.#sdk.SubmitJobCommand(input)));
    return required(jobId, "jobId");
  }

  /** What is known of the jobs, by id. */
  async describe(ids: readonly string[]): Promise<ReadonlyMap<string, JobDetail>> {
    const found = new Map<string, JobDetail>();
    for (let start = 0; start < ids.length; start += DESCRIBED_AT_ONCE) {
      const command = new this.#sdk.DescribeJobsCommand({ jobs: ids.slice(start, start + DESCRIBED_AT_ONCE) });
      const { jobs = [] } = await this.#call("batch:DescribeJobs", () => this.#client.send(command));
      for (const job of jobs) if (job.jobId !== undefined) found.set(job.jobId, job);
    }
    return found;
  }

  /** An array's elements of one status. */
  listElements(arrayJobId: string, jobStatus: JobStatus): AsyncGenerator<JobSummary> {
    return this.#list({ arrayJobId, jobStatus });
  }

  /** The jobs of a queue, ended ones too, whose names begin so; arrays as one. */
  listNamed(jobQueue: string, prefix: string): AsyncGenerator<JobSummary> {
    return this.#list({ jobQueue, filters: [{ name: "JOB_NAME", values: [`${prefix}*`] }] });
  }

  async *#list(input: ConstructorParameters<BatchSdk["ListJobsCommand"]>[0]): AsyncGenerator<JobSummary> {
    let nextToken: string | undefined;
    do {
      const command = new this.#sdk.ListJobsCommand({ ...input, nextToken });
      const page = await this.#call("batch:ListJobs", () => this.#client.send(command));
      yield* page.jobSummaryList ?? [];
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /** Ends jobs, whether they run or not. */
  async terminate(ids: readonly string[], reason: string): Promise<void> {
    await mapAtOnce(ids, ENDED_AT_ONCE, (jobId) =>
      this.#call("batch:TerminateJob", () => this.#client.send(new this.#sdk.TerminateJobCommand({ jobId, reason }))),
    );
  }

  /** Takes jobs back that have not begun; leaves others alone. */
  async cancel(ids: readonly string[], reason: string): Promise<void> {
    await mapAtOnce(ids, ENDED_AT_ONCE, (jobId) =>
      this.#call("batch:CancelJob", () => this.#client.send(new this.#sdk.CancelJobCommand({ jobId, reason }))),
    );
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
    this.#starter.destroy();
  }
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`AWS Batch answers without ${name}`);
  return value;
}
