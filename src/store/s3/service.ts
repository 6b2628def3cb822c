import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { isAws } from "../../core/store-address.js";

/**
 * Sees which service requests go to, and makes them such that those that are not AWS's own understand them.
 * @param endpoint The one that was named; the SDK finds others in AWS's own configuration files.
 * @returns Whether it is AWS's own; undefined before the first request where no endpoint was named.
 */
export function watchService(client: S3Client, endpoint: string | undefined): () => boolean | undefined {
  let service = endpoint;
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (isRequest(args.request)) {
          service = args.request.hostname;
          if (commandName === "DeleteObjectsCommand" && !isAws({ endpoint: service })) useContentMd5(args.request);
        }
        return next(args);
      },
    // After the SDK's own checksum, before the signature.
    { step: "build", priority: "low", name: "watchService" },
  );
  return () => (service === undefined ? undefined : isAws({ endpoint: service }));
}

/**
 * Requests to delete many objects have to carry a checksum. The SDK sends one of those that S3 invented lately; MinIO before 2025, Swift
 * and others ask for the one there has always been, and do not know the new ones.
 */
function useContentMd5({ headers, body }: SentRequest): void {
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return;
  for (const name of Object.keys(headers)) if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete headers[name];
  headers["content-md5"] = createHash("md5").update(body).digest("base64");
}

interface SentRequest {
  readonly hostname: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

function isRequest(request: unknown): request is SentRequest {
  return typeof request === "object" && request !== null && "hostname" in request && typeof request.hostname === "string" && "headers" in request;
}
