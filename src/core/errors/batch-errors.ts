import { plural } from "../quantity-text.js";
import { entry } from "./entry.js";

/** Running steps on AWS Batch. */
export const batchErrors = {
  "batch-datastore-local": entry<{ steps: readonly string[]; location: string }>({
    when: "A step is to run on AWS Batch, and the datastore is a folder of this machine, which jobs cannot reach.",
    message: ({ steps, location }) => `AWS Batch cannot reach the datastore ${location}, which ${words(steps)} would read and write.`,
    hint: () => "Keep runs in S3: --datastore s3://bucket/prefix (or MILLRACE_DATASTORE, or datastore in millrace.config.json).",
    usage: true,
  }),
  "engine-unreachable": entry<{ engine: string; reason: string }>({
    when: "What runs jobs on other machines does not answer.",
    message: ({ engine, reason }) => `${engine} does not answer: ${reason}.`,
    hint: () => "Check the network from this machine and, for AWS, the region and endpoint; then try again.",
  }),
  "batch-queue-missing": entry<{ steps: readonly string[] }>({
    when: "A step is to run on AWS Batch, and nothing says in which job queue.",
    message: ({ steps }) => `Nothing says which AWS Batch queue ${words(steps)} should run in.`,
    hint: () => 'Name it for all steps with MILLRACE_BATCH_QUEUE or batchQueue in millrace.config.json, or for one with @batch({ queue: "name" }).',
    usage: true,
  }),
  "batch-queue-unknown": entry<{ queue: string; region: string; near: string | undefined }>({
    when: "AWS Batch has no job queue of that name in the region.",
    message: ({ queue, region }) => `There is no AWS Batch job queue ${queue} in ${region}.`,
    hint: ({ near }) =>
      near === undefined ? "aws batch describe-job-queues lists those there are; AWS_REGION names another region." : `Did you mean ${near}?`,
  }),
  "batch-queue-disabled": entry<{ queue: string; state: string; reason: string | undefined }>({
    when: "The job queue takes no jobs: it is disabled, or its setup failed.",
    message: ({ queue, state, reason }) =>
      `The AWS Batch job queue ${queue} takes no jobs: it is ${state}${reason === undefined ? "" : ` (${reason})`}.`,
    hint: ({ queue }) => `Enable it (aws batch update-job-queue --job-queue ${queue} --state ENABLED), or name another queue.`,
  }),
  "batch-denied": entry<{ action: string; reason: string }>({
    when: "The AWS credentials do not allow something that running steps on AWS Batch needs.",
    message: ({ action, reason }) => `AWS does not allow ${action}: ${reason}`,
    hint: ({ action }) => `Let whoever runs flows do ${action}; docs/aws.md has the smallest policy that serves.`,
  }),
  "aws-credentials": entry<{ reason: string }>({
    when: "AWS's credentials or region are not configured on this machine, or are refused.",
    message: ({ reason }) => `AWS cannot be used from here: ${reason}`,
    hint: () => "Check with aws sts get-caller-identity. Credentials and region are found as AWS's tools find them: AWS_PROFILE, AWS_REGION, ~/.aws.",
  }),
  "batch-refused": entry<{ action: string; reason: string }>({
    when: "AWS Batch does not take a job, or what describes it.",
    message: ({ action, reason }) => `AWS Batch refuses ${action}: ${reason}`,
    hint: () => "Check what the step asks for: @batch's options, @resources, and the queue's compute environment.",
  }),
  "batch-job-too-large": entry<{ step: string; characters: number; most: number }>({
    when: "What a job is told is longer than AWS Batch takes.",
    message: ({ step, characters, most }) => `A job of ${step} would be told ${characters} characters; AWS Batch takes ${most}.`,
    hint: () => "Names of the bucket, the flow or its steps are very long, or the step has very many @npm packages: shorten them.",
  }),
  "batch-not-on-fargate": entry<{ step: string; option: string; queue: string }>({
    when: "A step asks for something that AWS Batch gives on EC2 alone, and its queue's machines are Fargate.",
    message: ({ step, option, queue }) => `${step} asks for ${option}, which the queue ${queue} does not have: its machines are Fargate.`,
    hint: () => "Name a queue whose compute environment is EC2, or leave the option out.",
    usage: true,
  }),
  "batch-too-large-for-fargate": entry<{ step: string; cpu: number; memoryMb: number }>({
    when: "A step asks for more processors or memory than any Fargate machine has.",
    message: ({ step, cpu, memoryMb }) =>
      `${step} asks for ${plural(cpu, "CPU")} and ${memoryMb} MB; the largest on Fargate is 16 CPUs and 122880 MB.`,
    hint: () => "Name a queue whose compute environment is EC2.",
    usage: true,
  }),
  "batch-role-missing": entry<{ step: string; queue: string }>({
    when: "A step is to run on Fargate, which needs an execution role, and nothing names one.",
    message: ({ step, queue }) => `${step} runs on Fargate (queue ${queue}), where a job needs an execution role, and none is named.`,
    hint: () =>
      "Name it with MILLRACE_BATCH_EXECUTION_ROLE, batchExecutionRole in millrace.config.json, or @batch({ executionRole }). docs/aws.md says how it is made.",
    usage: true,
  }),
};

function words(steps: readonly string[]): string {
  return steps.length === 1 ? `step ${steps.join("")}` : `steps ${steps.join(", ")}`;
}
