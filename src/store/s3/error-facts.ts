/** What an error of the SDK, or of the network below it, says of itself and of its causes. */
export interface ErrorFacts {
  /** `NoSuchBucket`, `TimeoutError` … */
  readonly names: readonly string[];
  /** Node's: `ECONNRESET` … */
  readonly codes: readonly string[];
  /** HTTP's; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The bucket's own, as far as S3 tells. */
  readonly region: string | undefined;
}

const DEPTH = 8;

export function findIn(error: unknown): ErrorFacts {
  const names: string[] = [];
  const codes: string[] = [];
  let status: number | undefined;
  let region: string | undefined;
  const queue = [error];
  for (let depth = 0; depth < DEPTH; depth++) {
    const at = queue.shift();
    if (!isRecord(at)) continue;
    if (typeof at["name"] === "string") names.push(at["name"]);
    if (typeof at["Code"] === "string") names.push(at["Code"]);
    if (typeof at["code"] === "string") codes.push(at["code"]);
    if (typeof at["Region"] === "string") region ??= at["Region"];
    const metadata = at["$metadata"];
    if (isRecord(metadata) && typeof metadata["httpStatusCode"] === "number") status ??= metadata["httpStatusCode"];
    const response = at["$response"];
    if (isRecord(response)) {
      if (typeof response["statusCode"] === "number") status ??= response["statusCode"];
      const told = isRecord(response["headers"]) ? response["headers"]["x-amz-bucket-region"] : undefined;
      if (typeof told === "string") region ??= told;
    }
    queue.push(at["cause"], ...(Array.isArray(at["errors"]) ? (at["errors"] as unknown[]) : []));
  }
  return { names, codes, status, region };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
