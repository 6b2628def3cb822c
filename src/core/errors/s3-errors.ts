import { entry } from "./entry.js";

const onwards = "What was finished is kept: go on with millrace resume.";

/** S3, and services that speak its language. */
export const s3Errors = {
  "package-not-installed": entry<{ packages: readonly string[]; wantedFor: string }>({
    when: "Something needs a package that is installed only by those who use it.",
    message: ({ packages, wantedFor }) =>
      `${wantedFor} needs ${packages.join(" and ")}, which ${packages.length === 1 ? "is" : "are"} not installed.`,
    hint: ({ packages }) => `Run npm install ${packages.join(" ")} in the project.`,
  }),
  "s3-bucket-missing": entry<{ bucket: string; endpoint: string }>({
    when: "There is no bucket of that name.",
    message: ({ bucket, endpoint }) => `There is no bucket ${bucket} (asked ${endpoint}).`,
    hint: () => "Check the name, or create the bucket. docs/datastore.md says what millrace needs of it.",
  }),
  "s3-credentials-missing": entry<{ url: string; reason: string }>({
    when: "No AWS credentials were found.",
    message: ({ url, reason }) => `There are no AWS credentials to open ${url} with (${reason}).`,
    hint: () => "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; aws sts get-caller-identity shows what AWS's tools find.",
  }),
  "s3-credentials-refused": entry<{ url: string; reason: string }>({
    when: "The AWS credentials are wrong or have expired.",
    message: ({ url, reason }) => `The AWS credentials are refused for ${url}: ${reason}.`,
    hint: () => `Renew them (aws sso login, or new keys). ${onwards}`,
  }),
  "s3-denied": entry<{ url: string; action: string; reason: string }>({
    when: "The AWS credentials do not allow something that the datastore needs.",
    message: ({ url, action, reason }) => `millrace may not ${action} ${url} (${reason}).`,
    hint: () => `Allow s3:ListBucket on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject on what is in it. ${onwards}`,
  }),
  "s3-region-missing": entry<{ url: string }>({
    when: "Nothing says in which AWS region the bucket is.",
    message: ({ url }) => `Nothing says in which region ${url} is.`,
    hint: () => "Set AWS_REGION, or MILLRACE_S3_REGION, to the bucket's region.",
  }),
  "s3-region-wrong": entry<{ url: string; region: string; found: string | undefined }>({
    when: "The bucket is in another AWS region.",
    message: ({ url, region, found }) => `${url} is not in ${region}${found === undefined ? "" : `, but in ${found}`}.`,
    hint: ({ found }) => `Set AWS_REGION, or MILLRACE_S3_REGION, to ${found ?? "the bucket's region"}.`,
  }),
  "s3-unreachable": entry<{ url: string; endpoint: string; reason: string; seconds: number }>({
    when: "S3 did not answer, or only with errors, for so long that millrace gave up.",
    message: ({ url, endpoint, reason, seconds }) =>
      `${url} cannot be reached: ${endpoint} has not answered as it should for ${seconds} second${seconds === 1 ? "" : "s"} (${reason}).`,
    hint: () => `Check the network, and the endpoint if it is not AWS's own. ${onwards}`,
  }),
  "s3-conditions-missing": entry<{ url: string; refusal: string | undefined }>({
    when: "The service that keeps the bucket refuses or ignores the condition that a write must not overwrite anything.",
    message: ({ url, refusal }) =>
      refusal === undefined
        ? `${url} overwrites what is there although the request says that it must not (If-None-Match: *).`
        : `${url} refuses writes that must not overwrite anything (If-None-Match: *): ${refusal}.`,
    hint: () =>
      "Without them, two runs that start at once could take one id. Use a service, or a version of it, that has them; on Ceph, a bucket without versioning. docs/s3.md says which do.",
  }),
  "s3-deletion-unsure": entry<{ url: string; reason: string }>({
    when: "A request to delete objects was not answered, so nobody can say whether it was, or will be, carried out.",
    message: ({ url, reason }) => `Nobody can say whether the last deletion in ${url} was carried out (${reason}).`,
    hint: () => "Nothing that is in use was deleted. Run the command again: it goes on from there.",
  }),
  "s3-object-missing": entry<{ url: string }>({
    when: "millrace/s3 was asked for an object that is not there.",
    message: ({ url }) => `There is no object ${url}.`,
    hint: () => 'Check the key: list() shows what is there. With { missing: "undefined" } an object that is not there is no error.',
  }),
  "s3-key-malformed": entry<{ key: string; root: string | undefined }>({
    when: "millrace/s3 was given something that names no object.",
    message: ({ key, root }) =>
      key === "" ? "An empty text names no object." : `“${key}” names no object${root === undefined ? "" : ` in ${root}`}.`,
    hint: ({ root }) =>
      root === undefined
        ? 'Write s3://bucket/key, or make a client with a root, s3({ root: "s3://bucket/prefix" }), and give keys below it.'
        : "Give a key below the root, without a slash before it, or a whole s3://bucket/key.",
  }),
  "s3-root-malformed": entry<{ root: string }>({
    when: "The root of a client of millrace/s3 is no place in S3.",
    message: ({ root }) => `“${root}” is no place in S3.`,
    hint: () => "Write s3://bucket or s3://bucket/prefix.",
  }),
  "s3-range-malformed": entry<{ key: string; offset: string; length: string }>({
    when: "The part of an object that was asked for is none.",
    message: ({ key, offset, length }) => `From offset ${offset}, ${length} bytes: that is no part of ${key}.`,
    hint: () => "offset and length are whole numbers of bytes, from 0.",
  }),
  "s3-range-outside": entry<{ url: string; offset: number; size: number }>({
    when: "The part of an object that was asked for begins after its end.",
    message: ({ url, offset, size }) => `${url} has ${size} bytes: there is nothing at offset ${offset}.`,
    hint: () => "head() tells an object's size.",
  }),
  "s3-object-restless": entry<{ url: string }>({
    when: "An object was replaced, again and again, while it was read.",
    message: ({ url }) => `${url} was replaced while it was read.`,
    hint: () => "Read it again when its writer is done; a key of its own for each version lets both be read.",
  }),
  "s3-failed": entry<{ url: string; action: string; reason: string }>({
    when: "S3 refused a request for a reason of its own.",
    message: ({ url, action, reason }) => `Could not ${action} ${url}: ${reason}.`,
    hint: () => `If the service is not AWS's own, check that it speaks S3's language as millrace needs it: docs/datastore.md. ${onwards}`,
  }),
};
