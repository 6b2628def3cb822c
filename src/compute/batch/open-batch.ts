import { silenceAwsWarning } from "../../config/environment.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import { renewExpired } from "../../store/s3/expired-credentials.js";
import type { EngineSettings } from "../open-engine.js";
import { BatchApi, type BatchSdk } from "./batch-api.js";
import { BatchEngine } from "./batch-engine.js";
import { CloudLogs, type LogsSdk } from "./cloud-logs.js";

/** Loads AWS's clients and makes the engine. Credentials, region and endpoint are found as AWS's own tools find them. */
export async function openBatch({ options }: EngineSettings): Promise<BatchEngine> {
  silenceAwsWarning();
  const [batch, logs] = await loadSdk();
  // Of the files that have credentials: they may be others when they are asked for again.
  const config = { ignoreCache: true };
  const client = new batch.BatchClient(config);
  const starter = new batch.BatchClient({ ...config, maxAttempts: 1 });
  const logsClient = new logs.CloudWatchLogsClient(config);
  for (const one of [client, starter, logsClient]) renewExpired(one);
  return new BatchEngine({
    api: new BatchApi(batch, client, starter),
    logs: new CloudLogs(logs, logsClient),
    defaults: options.batch ?? {},
  });
}

/** What jobs print, for who reads along. */
export async function openCloudLogs(region: string): Promise<CloudLogs> {
  silenceAwsWarning();
  const [, logs] = await loadSdk();
  return new CloudLogs(logs, new logs.CloudWatchLogsClient({ region }));
}

async function loadSdk(): Promise<readonly [BatchSdk, LogsSdk]> {
  const missing: string[] = [];
  const load = async <T>(name: string, loading: Promise<T>): Promise<T | undefined> =>
    loading.catch((error: unknown) => {
      if (!isMissing(error, name)) throw error;
      missing.push(name);
      return undefined;
    });
  const [batch, logs] = await Promise.all([
    load("@aws-sdk/client-batch", import("@aws-sdk/client-batch")),
    load("@aws-sdk/client-cloudwatch-logs", import("@aws-sdk/client-cloudwatch-logs")),
  ]);
  if (batch === undefined || logs === undefined) throw new MillraceError("package-not-installed", { packages: missing, wantedFor: "AWS Batch" });
  return [batch, logs];
}

function isMissing(error: unknown, name: string): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes(name);
}
