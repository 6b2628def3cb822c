import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";

/** The SDK's own signer, as far as it is used here. */
interface Signer {
  sign(request: object, options: { readonly signingDate: Date }): Promise<{ readonly headers: Readonly<Record<string, string>> }>;
}

const require = createRequire(createRequire(import.meta.url).resolve("@aws-sdk/client-s3"));
const { SignatureV4 } = require("@smithy/signature-v4") as { readonly SignatureV4: new (options: object) => Signer };

/** What the SDK's signer writes into `authorization` for a GET that a server got. */
export async function sdkSignature({ headers, url = "" }: IncomingMessage, credentials: object, region: string): Promise<string | undefined> {
  const signer = new SignatureV4({ credentials, region, service: "s3", sha256: Sha256, uriEscapePath: false, applyChecksum: true });
  const time = String(headers["x-amz-date"]).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const { host } = headers;
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: "",
    path: url,
    query: {},
    headers: { host, "x-amz-content-sha256": headers["x-amz-content-sha256"] },
  };
  const signed = await signer.sign(request, { signingDate: new Date(time) });
  return signed.headers["authorization"];
}

/** The hash that the signer wants, of Node's own. */
class Sha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Uint8Array };

  constructor(secret?: Uint8Array | string) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
}
