// @ts-check
// An AWS API on this machine, by moto's server: S3, Batch (jobs run as real containers), CloudWatch Logs, Secrets Manager …
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { awsAccess } from "./aws-access.mjs";
import { ensureDaemon, endDaemon, freePort, programPath, untilAnswers } from "./daemon.mjs";
import { jobImage, podmanHost, startPodman, stopPodman } from "./podman.mjs";
import { stateFolder } from "./state.mjs";

/**
 * @typedef {object} AwsValues
 * @property {string} endpoint
 * @property {string} region
 * @property {string} bucket one that exists, for data under prefixes of its users' own
 * @property {string} queue a Batch queue
 * @property {string} image with Node and a shell
 * @property {Readonly<Record<string, string>>} env what a process needs in its environment to use the service
 */

const moto = join(stateFolder, "moto");
/** Has what Python runs before the server. */
const motoMends = fileURLToPath(new URL("moto", import.meta.url));
const portFile = join(stateFolder, "moto.port");

/** Why this machine cannot have it; undefined when it can. */
export function awsObstacle() {
  if (process.platform !== "linux") return "containers need Linux";
  if (process.getuid?.() !== 0) return "containers need root";
  const missing = ["podman", "runc", "moto_server"].filter((program) => programPath(program) === undefined);
  return missing.length > 0 ? `${missing.join(", ")} not installed` : undefined;
}

/**
 * Starts what is not at work.
 * @returns {Promise<AwsValues>}
 */
export async function startAws() {
  const containers = startPodman();
  const endpoint = await startMoto();
  await containers;
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    ...awsAccess,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  const values = { endpoint, region: awsAccess.AWS_REGION, bucket: "millrace-test", queue: "millrace", image: jobImage, env };
  await Promise.all([createBucket(values.endpoint, values.bucket), createQueue(values)]);
  return values;
}

/** Ends what was started. */
export async function stopAws() {
  await Promise.all([endDaemon(moto), stopPodman()]);
}

async function startMoto() {
  const known = await readFile(portFile, "utf8").catch(() => "");
  const endpoint = `http://127.0.0.1:${known}`;
  if (known !== "" && (await isAnswering(endpoint))) return endpoint;
  await endDaemon(moto);
  const port = await freePort();
  const env = { DOCKER_HOST: podmanHost, MOTO_DOCKER_NETWORK_MODE: "host", PYTHONPATH: motoMends, PYTHONDONTWRITEBYTECODE: "1" };
  await ensureDaemon(moto, ["moto_server", "-H", "127.0.0.1", "-p", String(port)], env);
  await untilAnswers("moto_server", () => isAnswering(`http://127.0.0.1:${port}`), [moto]);
  await writeFile(portFile, String(port));
  return `http://127.0.0.1:${port}`;
}

/** @param {string} endpoint */
function isAnswering(endpoint) {
  return fetch(`${endpoint}/moto-api/`).then(
    (response) => response.ok,
    () => false,
  );
}

/**
 * Makes a bucket, unless it is there.
 * @param {string} endpoint
 * @param {string} bucket
 */
export async function createBucket(endpoint, bucket) {
  await request(endpoint, "s3", `/${bucket}`, { method: "PUT" });
}

/** @param {AwsValues} values */
async function createQueue({ endpoint, queue }) {
  const { jobQueues } = await batch(endpoint, "describejobqueues", { jobQueues: [queue] });
  if (jobQueues.length > 0) return;
  const role = new URLSearchParams({ Action: "CreateRole", Version: "2010-05-08", RoleName: queue, AssumeRolePolicyDocument: "{}" });
  const answer = await request(endpoint, "iam", "/", { method: "POST", body: role });
  const serviceRole = /<Arn>(.*?)<\/Arn>/.exec(answer)?.[1];
  const { computeEnvironmentArn } = await batch(endpoint, "createcomputeenvironment", {
    computeEnvironmentName: queue,
    type: "UNMANAGED",
    state: "ENABLED",
    serviceRole,
  });
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: computeEnvironmentArn }];
  await batch(endpoint, "createjobqueue", { jobQueueName: queue, state: "ENABLED", priority: 1, computeEnvironmentOrder });
}

/**
 * @param {string} endpoint
 * @param {string} action
 * @param {object} input
 */
async function batch(endpoint, action, input) {
  return JSON.parse(await request(endpoint, "batch", `/v1/${action}`, { method: "POST", body: JSON.stringify(input) }));
}

/**
 * @param {string} endpoint
 * @param {string} service which of AWS's services is meant is told by the signature, which is not checked
 * @param {string} path
 * @param {{ readonly method: string, readonly body?: string | URLSearchParams }} init
 */
async function request(endpoint, service, path, init) {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${endpoint}${path}`, { ...init, headers: { authorization } });
  const text = await response.text();
  if (!response.ok && response.status !== 409) throw new Error(`${service} ${path} answers ${response.status}: ${text}`);
  return text;
}
