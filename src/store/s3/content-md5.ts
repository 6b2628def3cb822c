import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";

/**
 * Requests to delete many objects have to carry a checksum. The SDK sends one of those that S3 invented lately; MinIO before 2025, Swift
 * and others ask for the one there has always been, and do not know the new ones.
 */
export function sendContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "DeleteObjectsCommand" && isSent(args.request)) {
          const { body, headers } = args.request;
          for (const name of Object.keys(headers)) if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete headers[name];
          headers["content-md5"] = createHash("md5").update(body).digest("base64");
        }
        return next(args);
      },
    // After the SDK's own checksum, before the signature.
    { step: "build", priority: "low", name: "contentMd5" },
  );
}

interface SentRequest {
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

function isSent(request: unknown): request is SentRequest {
  if (typeof request !== "object" || request === null || !("headers" in request) || !("body" in request)) return false;
  return typeof request.body === "string" || request.body instanceof Uint8Array;
}
