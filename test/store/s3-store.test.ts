import { randomUUID } from "node:crypto";
import { describe } from "vitest";
import type { S3Address } from "../../src/core/store-address.js";
import { S3Store } from "../../src/store/s3-store.js";
import { testObjectStore } from "./conformance.js";

/** The built thread: a worker does not run TypeScript. */
const entry = new URL("../../dist/store/s3/thread.js", import.meta.url);
const { AWS_ENDPOINT_URL: endpoint, MILLRACE_TEST_BUCKET: bucket = "millrace-test" } = process.env;

function address(prefix: string): S3Address {
  return { kind: "s3", url: `s3://${bucket}/${prefix}`, region: "us-east-1", endpoint: endpoint ?? "", pathStyle: true };
}

describe.skipIf(endpoint === undefined)("with a server", () => {
  testObjectStore("S3", async () => {
    const prefix = `test/${randomUUID()}`;
    const store = new S3Store(address(prefix), { entry });
    const other = new S3Store({ ...address(prefix), patienceMs: 30_000 }, { entry });
    return {
      store,
      other,
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
      },
    };
  });
});
