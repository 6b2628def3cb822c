/** Where a datastore is: all that another process, or another machine, needs to find it. */
export type StoreAddress = LocalAddress | S3Address;

/** A folder. */
export interface LocalAddress {
  readonly kind: "local";
  /** Absolute path. */
  readonly root: string;
}

/** A bucket, or what is below a prefix in one. Credentials are no part of it: each process finds its own, as AWS's tools do. */
export interface S3Address {
  readonly kind: "s3";
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly url: string;
  /** Absent: what AWS's own configuration says. */
  readonly region?: string;
  /** Of a service that is not AWS's own: `http://127.0.0.1:9000`. */
  readonly endpoint?: string;
  /** The bucket stands in the path, not in the host's name: as most services want it that are not AWS's own. */
  readonly pathStyle?: boolean;
  /** Milliseconds that S3 may fail to answer before an operation is given up; 5 minutes. */
  readonly patienceMs?: number;
  /** Of this machine: where blobs that were read are kept. Absent: nowhere. */
  readonly cache?: BlobCacheAddress;
}

export interface BlobCacheAddress {
  /** Absolute path. */
  readonly folder: string;
  readonly maxBytes: number;
}

/** Whether a place in S3 is AWS's own, and not of a service that speaks S3's language more or less as AWS does. */
export function isAws({ endpoint }: { readonly endpoint?: string | undefined }): boolean {
  return endpoint === undefined || /\.amazonaws\.com(?:\.cn)?(?:[:/]|$)/.test(endpoint);
}

/** What people call it: a path or a URL. */
export function formatAddress(address: StoreAddress): string {
  return address.kind === "local" ? address.root : address.url;
}

/** A place in S3. */
export interface S3Place {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
}

/** Buckets of today's rules, and those of older ones. */
const S3_URL = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/+(.*?))?\/*$/;

/** Reads `s3://bucket/prefix`; undefined for what is no such URL. */
export function parseS3Url(url: string): S3Place | undefined {
  const [, bucket, path = ""] = S3_URL.exec(url) ?? [];
  if (bucket === undefined || path.split("/").some((part) => part === "." || part === "..")) return undefined;
  return { bucket, prefix: path === "" ? "" : `${path}/` };
}

/** One way to write each place: no slash at the end. */
export function formatS3Url({ bucket, prefix }: S3Place): string {
  return `s3://${bucket}${prefix === "" ? "" : `/${prefix.slice(0, -1)}`}`;
}
