import { randomUUID } from "node:crypto";
import { describe, inject, test } from "vitest";
import { useService, type Service } from "../../scripts/services.mjs";
import { createBucket, type AwsValues } from "../../scripts/services/aws.mjs";
import type { SlurmValues } from "../../scripts/services/slurm.mjs";

/** An AWS API on this machine whose Batch jobs run in containers: `env` is all that a process needs to use it. */
export interface AwsService extends AwsValues {
  /** An `s3://` URL that no other test has. */
  freshUrl(): string;
  /** Makes a bucket, unless it is there. */
  createBucket(name: string): Promise<void>;
}

/** A Slurm on this machine: `env` is all that a process needs to use it. */
export type SlurmService = SlurmValues;

/**
 * The AWS API, started if it is not at work; it goes on until all tests have ended. Asked for at the top of a test file:
 *
 *     const aws = await awsService();
 *     describeWith(aws, "runs in a bucket", ({ env, freshUrl }) => { … });
 */
export async function awsService(): Promise<Service<AwsService>> {
  const service = await useService("aws", inject("testsProcess"));
  if (service.status === "missing") return service;
  const { values } = service;
  return {
    status: "ready",
    values: { ...values, freshUrl: () => `s3://${values.bucket}/${randomUUID()}`, createBucket: (name) => createBucket(values.endpoint, name) },
  };
}

/** An S3: `env` is all that a process needs to use it. */
export type S3Service = Pick<AwsService, "endpoint" | "region" | "bucket" | "env" | "freshUrl">;

/**
 * S3 alone, as {@link awsService}: that of the AWS API or, to see that millrace works with another server, the one at
 * `MILLRACE_TEST_S3_ENDPOINT`, with the bucket `MILLRACE_TEST_S3_BUCKET` and the keys of `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
 */
export async function s3Service(): Promise<Service<S3Service>> {
  const { MILLRACE_TEST_S3_ENDPOINT: endpoint, MILLRACE_TEST_S3_BUCKET: bucket = "millrace-test", ...environment } = process.env;
  if (endpoint === undefined) return awsService();
  const region = "us-east-1";
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = environment;
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION: region, AWS_EC2_METADATA_DISABLED: "true" };
  return { status: "ready", values: { endpoint, region, bucket, env, freshUrl: () => `s3://${bucket}/${randomUUID()}` } };
}

/** The Slurm, as {@link awsService}. */
export function slurmService(): Promise<Service<SlurmService>> {
  return useService("slurm", inject("testsProcess"));
}

/** The Slurm on which things go wrong: see scripts/services/slurm.mjs for its nodes and partitions. */
export function troubledSlurmService(): Promise<Service<SlurmService>> {
  return useService("troubledSlurm", inject("testsProcess"));
}

/** Tests that need a service. On a machine that cannot have it, one test stands for them and is left out with the reason. */
export function describeWith<T>(service: Service<T>, name: string, body: (values: T) => void): void {
  describe(name, () => {
    if (service.status === "ready") body(service.values);
    else test("needs a service", ({ skip }) => skip(service.reason));
  });
}

declare module "vitest" {
  interface ProvidedContext {
    /** The id of the process that runs all tests: services are kept while it needs them. */
    readonly testsProcess: number;
  }
}
