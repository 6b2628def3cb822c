import { createHash, createHmac } from "node:crypto";
import type { Environment, Fetcher } from "./boot.js";
import { BootError } from "./boot-error.js";
import { findCredentials, type Credentials } from "./credentials.js";
import { persistently, type Try } from "./retry.js";

/** What the datastore's address says. */
export interface S3Source {
  /** `s3://bucket/prefix`. */
  readonly url: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
}

/** Where and as whom objects are asked for. */
interface Access {
  readonly base: URL;
  readonly prefix: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/**
 * Reads from S3 by its plain HTTP interface: the SDK is part of what is fetched.
 * @param onTrouble Hears why requests are sent again.
 */
export function s3Fetcher(source: S3Source, env: Environment, onTrouble: (reason: string) => void): Fetcher {
  const [, bucket = "", , prefix = ""] = /^s3:\/\/([^/]+)(\/+(.*?))?\/*$/.exec(source.url) ?? [];
  let region = source.region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  let credentials = findCredentials(env);
  return (key) =>
    persistently(async () => {
      const access: Access = {
        base: baseUrl(source, { bucket, region, env }),
        prefix: prefix === "" ? "" : `${prefix}/`,
        region,
        credentials: await credentials,
      };
      return read(access, key, source.url, {
        useRegion: (other) => (region = other),
        renew: () => {
          credentials = findCredentials(env);
          // Who waits for them hears of it.
          credentials.catch(() => {});
        },
        onTrouble,
      });
    });
}

/** The URL that a key is appended to. */
function baseUrl(
  { endpoint, pathStyle }: S3Source,
  { bucket, region, env }: { readonly bucket: string; readonly region: string; readonly env: Environment },
): URL {
  const given = endpoint ?? env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"];
  const base = new URL(given ?? `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`);
  // An address has no names below it, nor has a host without a dot; a bucket with dots has no certificate.
  const inPath = pathStyle ?? (/^([\d.]+|\[.*\]|[^.]+)$/.test(base.hostname) || bucket.includes("."));
  if (inPath) base.pathname = `${base.pathname.replace(/\/$/, "")}/${bucket}`;
  else base.hostname = `${bucket}.${base.hostname}`;
  return base;
}

interface Hearers {
  readonly useRegion: (region: string) => void;
  /** The credentials have expired. */
  readonly renew: () => void;
  readonly onTrouble: (reason: string) => void;
}

async function read(access: Access, key: string, place: string, { useRegion, renew, onTrouble }: Hearers): Promise<Try<Uint8Array>> {
  const url = new URL(access.base);
  const path = `${access.base.pathname.replace(/\/$/, "")}/${encodePath(access.prefix + key)}`;
  url.pathname = path;
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url, { headers: signed(access, url, path) });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    onTrouble(String(cause));
    return { again: new BootError(`${url.origin} does not answer for ${place}/${key}: ${String(cause)}`) };
  }
  const { status, headers } = response;
  if (status === 200) return { value: bytes };
  const tag = (name: string): string => new RegExp(`<${name}>([^<]*)`).exec(Buffer.from(bytes).toString())?.[1] ?? "";
  const error = new BootError(`S3 answered ${status} ${tag("Code")} for ${place}/${key}: ${tag("Message")}${hints[status] ?? ""}`);
  const region = headers.get("x-amz-bucket-region") ?? tag("Region");
  if (region !== "" && region !== access.region) useRegion(region);
  else if (tag("Code") === "ExpiredToken") renew();
  else if (status < 500 && status !== 429) throw error;
  else onTrouble(`${status} ${tag("Code")}`);
  return { again: error };
}

const hints: Readonly<Record<number, string>> = {
  403: " The job's role (or its keys) must allow s3:GetObject on the datastore.",
  404: " The run's code is gone: was it cleaned up?",
};

function encodePath(path: string): string {
  return path
    .split("/")
    .map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`))
    .join("/");
}

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The headers of a GET, by Signature Version 4. */
function signed({ region, credentials }: Access, { host }: URL, path: string): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const headers: Record<string, string> = {
    host,
    "x-amz-content-sha256": EMPTY,
    "x-amz-date": time,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const request = `GET\n${path}\n\n${lines.join("")}\n${names}\n${EMPTY}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash("sha256").update(request).digest("hex")}`;
  const key = scope
    .split("/")
    .reduce<string | Buffer>((secret, part) => createHmac("sha256", secret).update(part).digest(), `AWS4${secretAccessKey}`);
  const signature = createHmac("sha256", key).update(text).digest("hex");
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}` };
}
