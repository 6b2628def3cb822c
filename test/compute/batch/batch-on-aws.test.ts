import { BatchClient, DescribeJobDefinitionsCommand, DescribeJobsCommand } from "@aws-sdk/client-batch";
import * as batchSdk from "@aws-sdk/client-batch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import * as logsSdk from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";
import { BatchApi } from "../../../src/compute/batch/batch-api.js";
import { BatchEngine } from "../../../src/compute/batch/batch-engine.js";
import { CloudLogs } from "../../../src/compute/batch/cloud-logs.js";
import type { GraphStep } from "../../../src/core/graph.js";
import { until } from "../../rig/condition.js";
import { awsService, describeWith } from "../../rig/services.js";

describeWith(await awsService(), "what AWS has on record of a job", ({ env, endpoint, region, queue, image }) => {
  test("that asks for GPUs", async () => {
    const credentials = { accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "", secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "" };
    const client = new BatchClient({ endpoint, region, credentials });
    await using engine = new BatchEngine({
      api: new BatchApi(batchSdk, client, client),
      logs: new CloudLogs(logsSdk, new CloudWatchLogsClient({ endpoint, region, credentials })),
      defaults: { queue, image },
    });
    const step: GraphStep = {
      name: "train",
      kind: "linear",
      next: ["end"],
      takes: "nothing",
      splits: [],
      loops: false,
      lost: [],
      decorators: [{ name: "batch", options: { gpu: 2, cpu: 1, memory: 512 }, from: "code" }],
    };
    const [id = ""] = await engine.submit({ name: "Gpu-1-train-0-0-abc", step, count: 1, boot: "process.exit(0)", job: '{"format":1}' });
    try {
      const { jobs: [job] = [] } = await client.send(new DescribeJobsCommand({ jobs: [id] }));
      const { jobDefinitions: [definition] = [] } = await client.send(
        new DescribeJobDefinitionsCommand({ jobDefinitions: [job?.jobDefinition ?? ""] }),
      );
      expect(definition?.containerProperties?.resourceRequirements).toEqual([
        { type: "VCPU", value: "1" },
        { type: "MEMORY", value: "512" },
        { type: "GPU", value: "2" },
      ]);
    } finally {
      await engine.cancel([id], "all", "The test is over.");
      await until("the job has ended", async () => (await engine.states([id])).get(id)?.phase === "ended");
      client.destroy();
    }
  });
});
