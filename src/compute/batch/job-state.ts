import type { JobDetail, JobSummary } from "@aws-sdk/client-batch";
import type { JobState } from "../remote/engine.js";
import { jobFailure } from "./job-failure.js";

/** How a job is, in the words of every engine. */
export function jobState(job: JobDetail | JobSummary): JobState {
  switch (job.status) {
    case "SUCCEEDED":
    case "FAILED": {
      const container = job.container;
      const failure = jobFailure({
        status: job.status,
        statusReason: job.statusReason,
        reason: container?.reason,
        exitCode: container?.exitCode,
      });
      return { phase: "ended", ...(failure !== undefined && { failure }) };
    }
    case "RUNNING":
      return { phase: "running" };
    default:
      return { phase: "queued" };
  }
}
