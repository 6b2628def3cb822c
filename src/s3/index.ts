/**
 * Objects in S3, and in services that speak its language, from steps and from scripts:
 *
 *     import { s3 } from "millrace/s3";
 *
 *     const data = s3({ root: "s3://bucket/data" });
 *     const [first, second] = await data.getMany(["a.json", "b.json"]);
 *
 * @module
 */
import { findProjectRoot } from "../bundle/project-root.js";
import { processEnvironment, silenceAwsWarning } from "../config/environment.js";
import { readSettings } from "../config/settings.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { parseS3Url } from "../core/store-address.js";
import { accessOf, homeAccess, type S3Access } from "../store/s3/home-access.js";
import { S3 } from "./s3-client.js";
import { S3Requests } from "./s3-requests.js";

export interface S3Options {
  /** What keys are relative to: `s3://bucket` or `s3://bucket/prefix`. Without it keys are whole `s3://bucket/key` URLs. */
  readonly root?: string;
  /** The bucket's region; as for the datastore when absent. */
  readonly region?: string;
  /** Of a service that is not AWS's own: `http://127.0.0.1:9000`. As for the datastore when absent. */
  readonly endpoint?: string;
  /** The bucket stands in the path, not in the host's name. */
  readonly pathStyle?: boolean;
}

/**
 * A client of S3. Credentials are found as AWS's own tools find them. Region and endpoint are those of the run's datastore inside of a
 * step whose run is kept in S3, and else what `MILLRACE_S3_…`, `AWS_…` or the project's configuration say. Nothing is asked
 * of S3 yet.
 * @throws MillraceError `s3-root-malformed`; the first operation `package-not-installed`
 */
export function s3({ root, region, endpoint, pathStyle }: S3Options = {}): S3 {
  silenceAwsWarning();
  const place = root === undefined ? undefined : parseS3Url(root);
  if (root !== undefined && place === undefined) throw new MillraceError("s3-root-malformed", { root });
  const access = homeAccess() ?? configuredAccess();
  return new S3(
    place,
    new S3Requests({
      ...access,
      ...(region !== undefined && { region }),
      // Another service wants the bucket in the path, as a rule.
      ...(endpoint !== undefined && { endpoint, pathStyle: true }),
      ...(pathStyle !== undefined && { pathStyle }),
    }),
  );
}

/** What a datastore in S3 would be reached with. */
function configuredAccess(): S3Access {
  const cwd = process.cwd();
  const inputs = { root: findProjectRoot(cwd), cwd, environment: processEnvironment(), given: { datastore: "s3://any-bucket" } };
  const { datastoreAddress } = readSettings(inputs);
  return datastoreAddress.kind === "s3" ? accessOf(datastoreAddress) : {};
}

export type { S3 } from "./s3-client.js";
export type { S3Object } from "./s3-object.js";
export type { ListOptions } from "./listing.js";
export type {
  Downloaded,
  DownloadRequest,
  ManyOptions,
  MissingAllowed,
  MissingOption,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectRequest,
  Progress,
  PutOptions,
  PutRequest,
  PutResult,
  TransferOptions,
  UploadRequest,
} from "./transfer-types.js";
