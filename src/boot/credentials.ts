import { readFileSync } from "node:fs";
import type { Environment } from "./boot.js";
import { BootError } from "./boot-error.js";
import { persistently } from "./retry.js";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const INSTANCE = "http://169.254.169.254/latest";
/** An instance's own service answers at once; elsewhere nothing does. */
const INSTANCE_TIMEOUT_MS = 1000;

/** The job's credentials, as AWS's own tools find them on a machine without configuration: environment, container, instance. */
export async function findCredentials(env: Environment): Promise<Credentials> {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] };
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = relative ? `http://169.254.170.2${relative}` : env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  return full ? ofContainer(full, env) : ofInstance();
}

async function ofContainer(url: string, env: Environment): Promise<Credentials> {
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const token = file ? readFileSync(file, "utf8").trim() : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  return parse(await ask(url, token ? { authorization: token } : {}), url);
}

async function ofInstance(): Promise<Credentials> {
  try {
    const signal = AbortSignal.timeout(INSTANCE_TIMEOUT_MS);
    const response = await fetch(`${INSTANCE}/api/token`, { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "21600" }, signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const headers = { "x-aws-ec2-metadata-token": await response.text() };
    const roles = `${INSTANCE}/meta-data/iam/security-credentials/`;
    const url = roles + (await ask(roles, headers)).split("\n")[0];
    return parse(await ask(url, headers), url);
  } catch (error) {
    if (error instanceof BootError) throw error;
    throw new BootError("The job has no AWS credentials: give it a job role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  }
}

function ask(url: string, headers: Record<string, string>): Promise<string> {
  return persistently(async () => {
    try {
      const response = await fetch(url, { headers });
      if (response.ok) return { value: await response.text() };
      throw new Error(`status ${response.status}`);
    } catch (error) {
      return { again: new BootError(`The job's AWS credentials could not be had from ${url}: ${String(error)}`) };
    }
  });
}

function parse(text: string, url: string): Credentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = JSON.parse(text) as Record<string, string | undefined>;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
  throw new BootError(`${url} answers without AWS credentials.`);
}
