import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";

/** Errors of AWS's services that mean: not with these credentials. */
const DENIED = new Set(["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"]);
const CREDENTIALS = new Set([
  "CredentialsProviderError",
  "ExpiredTokenException",
  "ExpiredToken",
  "ExpiredForGood",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "InvalidClientTokenId",
  "MissingAuthenticationTokenException",
]);

/** What an error of AWS's client means: for good, as a MillraceError, or passing (no answer, too many requests), as it is. */
export function batchError(action: string, error: unknown): unknown {
  const name = error instanceof Error ? error.name : "";
  const reason = sentence(messageOf(error));
  const options = { cause: error };
  if (DENIED.has(name)) return new MillraceError("batch-denied", { action, reason }, options);
  if (CREDENTIALS.has(name) || reason.startsWith("Region is missing")) return new MillraceError("aws-credentials", { reason }, options);
  if (name === "ClientException" && !/too many requests|rate exceeded/i.test(reason))
    return new MillraceError("batch-refused", { action, reason }, options);
  return error;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
