import { isMillraceError, messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import { parseS3Url, type S3Address } from "../../core/store-address.js";
import { findIn } from "./error-facts.js";
import { areCredentialsMissing, isExpired } from "./expired-credentials.js";
import { GaveUp } from "./retries.js";

/** Says in words what an error of S3's, or of the SDK, means for the datastore. */
export function s3Error(error: unknown, action: string, address: S3Address): MillraceError {
  if (isMillraceError(error)) return error;
  const { url } = address;
  const { names, status, region } = findIn(error);
  const has = (...wanted: readonly string[]): boolean => names.some((name) => wanted.includes(name));
  const reason = sentenceOf(error);
  const options = { cause: error };
  const endpoint = address.endpoint ?? "AWS";
  if (error instanceof GaveUp && !isExpired(error) && !areCredentialsMissing(error)) {
    return new MillraceError("s3-unreachable", { url, endpoint, reason, seconds: Math.round(error.elapsedMs / 1000) }, options);
  }
  if (areCredentialsMissing(error)) return new MillraceError("s3-credentials-missing", { url, reason }, options);
  if (has("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "ExpiredTokenException"))
    return new MillraceError("s3-credentials-refused", { url, reason }, options);
  if (has("NoSuchBucket")) return new MillraceError("s3-bucket-missing", { bucket: parseS3Url(url)?.bucket ?? url, endpoint }, options);
  if (messageOf(error).startsWith("Region is missing")) return new MillraceError("s3-region-missing", { url }, options);
  if (has("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException") || status === 301) {
    return new MillraceError("s3-region-wrong", { url, region: address.region ?? "the configured region", found: region }, options);
  }
  if (has("AccessDenied", "Forbidden", "AllAccessDisabled", "AccountProblem") || status === 403 || status === 401)
    return new MillraceError("s3-denied", { url, action, reason }, options);
  return new MillraceError("s3-failed", { url, action, reason }, options);
}

/** A write that was not to overwrite anything has failed: whether that is because the service knows no such writes. */
export function conditionRefusal(error: unknown, url: string): MillraceError | undefined {
  const { names, status } = findIn(error);
  if (status !== 501 && !names.includes("NotImplemented") && !/if-none-match/i.test(messageOf(error))) return undefined;
  return new MillraceError("s3-conditions-missing", { url, refusal: sentenceOf(error) }, { cause: error });
}

/** Without the full stop that the message around it has. */
function sentenceOf(error: unknown): string {
  // The SDK's words are about its settings.
  if (findIn(error).names.includes("TimeoutError")) return "no answer in time";
  const text = messageOf(error).trim();
  const { names, status } = findIn(error);
  const words = text === "" || text === "UnknownError" ? (names.find((name) => name !== "Error") ?? "no reason given") : text;
  return `${words.replace(/\.$/, "")}${status === undefined || words.includes(String(status)) ? "" : `, HTTP ${status}`}`;
}
