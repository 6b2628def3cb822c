import { BatchClient, DescribeJobsCommand, ListJobsCommand } from "@aws-sdk/client-batch";
import type { AwsService } from "../../rig/services.js";
import type { Place } from "./place.js";

const STATUSES = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"] as const;

/** AWS Batch, with a datastore in S3. */
export function batchPlace({ env, endpoint, region, queue, image, freshUrl }: AwsService): Place {
  const credentials = { accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "", secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "" };
  const client = new BatchClient({ endpoint, region, credentials });
  return {
    name: "AWS Batch",
    args: ["--with", "batch"],
    env: { ...env, MILLRACE_DATASTORE: freshUrl(), MILLRACE_BATCH_QUEUE: queue, MILLRACE_BATCH_IMAGE: image },
    command: "batch",
    isBusy: true,
    mixesStreams: true,
    async jobs(flow) {
      const lists = await Promise.all(STATUSES.map((jobStatus) => client.send(new ListJobsCommand({ jobQueue: queue, jobStatus }))));
      const ids = lists
        .flatMap(({ jobSummaryList = [] }) => jobSummaryList)
        .flatMap(({ jobName = "", jobId = "" }) => (jobName.startsWith(`${flow}-`) ? [jobId] : []));
      if (ids.length === 0) return [];
      // Arrays are listed beside their elements here, and as waiting for ever.
      const { jobs = [] } = await client.send(new DescribeJobsCommand({ jobs: ids }));
      return jobs.flatMap(({ jobId, arrayProperties }) => (jobId === undefined || arrayProperties?.size !== undefined ? [] : [jobId]));
    },
  };
}
