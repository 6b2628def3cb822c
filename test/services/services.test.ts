import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { BatchClient, DescribeJobsCommand, RegisterJobDefinitionCommand, SubmitJobCommand, type JobDetail } from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { awsService, describeWith, slurmService } from "../rig/services.js";

const exec = promisify(execFile);

describeWith(await awsService(), "the AWS API of the tests", ({ endpoint, region, bucket, queue, image }) => {
  const settings = { endpoint, region, forcePathStyle: true, credentials: { accessKeyId: "test", secretAccessKey: "test" } };

  test("keeps objects, and refuses to create one twice", async () => {
    const s3 = new S3Client(settings);
    const object = { Bucket: bucket, Key: "services.test/first" };
    await s3.send(new PutObjectCommand({ ...object, Body: "as it was" }));
    await expect(s3.send(new PutObjectCommand({ ...object, Body: "other", IfNoneMatch: "*" }))).rejects.toMatchObject({ name: "PreconditionFailed" });
    const { Body } = await s3.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe("as it was");
  });

  test("runs Batch jobs on this Node in a container of their own", async () => {
    const batch = new BatchClient(settings);
    const command = ["node", "-p", "`${process.version} in ${process.env.container}, process ${process.pid}`"];
    const resourceRequirements = [
      { type: "VCPU" as const, value: "1" },
      { type: "MEMORY" as const, value: "256" },
    ];
    const { jobDefinitionArn } = await batch.send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: "services-test",
        type: "container",
        containerProperties: { image, command, resourceRequirements },
      }),
    );
    const { jobId = "" } = await batch.send(new SubmitJobCommand({ jobName: "services-test", jobQueue: queue, jobDefinition: jobDefinitionArn }));
    const job = await ended(batch, jobId);
    expect(job.status).toBe("SUCCEEDED");
    const logs = new CloudWatchLogsClient(settings);
    const { events = [] } = await logs.send(new GetLogEventsCommand({ logGroupName: "/aws/batch/job", logStreamName: job.container?.logStreamName }));
    expect(events.map(({ message }) => message)).toEqual([`${process.version} in podman, process 1`]);
  });
});

describeWith(await slurmService(), "the Slurm of the tests", ({ partition, env }) => {
  test("runs jobs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-slurm-"));
    try {
      const output = join(folder, "output");
      await exec("sbatch", ["--wait", "--partition", partition, "--output", output, "--wrap", "echo ran as $SLURM_JOB_NAME"], {
        cwd: folder,
        env: { ...process.env, ...env },
      });
      expect(await readFile(output, "utf8")).toBe("ran as wrap\n");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function ended(batch: BatchClient, jobId: string): Promise<JobDetail> {
  for (;;) {
    const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
    const [job] = jobs;
    if (job?.status === "SUCCEEDED" || job?.status === "FAILED") return job;
    await sleep(100);
  }
}
