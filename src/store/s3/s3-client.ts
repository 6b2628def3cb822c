import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { S3Address } from "../../core/store-address.js";
import { renewExpired } from "./expired-credentials.js";
import { watchService } from "./service.js";

/** The SDK's module: loaded only where something is in S3. */
export type S3Sdk = typeof import("@aws-sdk/client-s3");

/** A client of S3, and the module that makes its commands. */
export interface S3Connection {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  /** Whether AWS's own S3 answers; undefined as long as nobody can say, before the first request. */
  isAws(): boolean | undefined;
}

const CONNECT_MS = 5_000;
/** A connection on which nothing moves for so long is given up; sooner for who has less patience. */
const IDLE_MS = 30_000;
const LEAST_IDLE_MS = 1_000;
/** Connections at once. */
const SOCKETS = 64;

/**
 * Loads the SDK and makes a client. Nothing is asked of S3 yet. Requests are sent once: `withRetries` sends them again, as
 * it sees whole operations, bodies included.
 * @param wantedFor What needs it, for who has not installed the SDK.
 * @throws MillraceError `package-not-installed`
 */
export async function connectS3(
  { region, endpoint, pathStyle, patienceMs }: Pick<S3Address, "region" | "endpoint" | "pathStyle" | "patienceMs">,
  wantedFor = "A datastore in S3",
): Promise<S3Connection> {
  const sdk = await loadSdk(wantedFor);
  // Services other than AWS's own have no regions, but the signature names one.
  const signedRegion = region ?? (endpoint === undefined ? undefined : "us-east-1");
  const options = {
    ...(signedRegion !== undefined && { region: signedRegion }),
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: pathStyle ?? false,
    // Of the files that have credentials: they may be others when they are asked for again.
    ignoreCache: true,
    // Checksums that S3 invented lately are not spoken by all services.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: Math.min(IDLE_MS, Math.max(LEAST_IDLE_MS, patienceMs ?? IDLE_MS)),
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
    },
  } satisfies S3ClientConfig & { readonly ignoreCache: boolean };
  const client = new sdk.S3Client(options);
  renewExpired(client);
  return { sdk, client, isAws: watchService(client, endpoint) };
}

const PACKAGE = "@aws-sdk/client-s3";

async function loadSdk(wantedFor: string): Promise<S3Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new MillraceError("package-not-installed", { packages: [PACKAGE], wantedFor }, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes(PACKAGE);
}
