/** An object in S3, or a place for one. */
export interface ObjectPlace {
  readonly bucket: string;
  /** Not empty; as it is, slashes and all. */
  readonly key: string;
}

const OBJECT_URL = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/(.+)$/s;

/** Reads `s3://bucket/key`; undefined for what is no object's URL. */
export function parseObjectUrl(url: string): ObjectPlace | undefined {
  const [, bucket, key] = OBJECT_URL.exec(url) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}

export function formatObjectUrl({ bucket, key }: ObjectPlace): string {
  return `s3://${bucket}/${key}`;
}
