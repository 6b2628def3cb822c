import { testObjectStore } from "./conformance.js";
import { S3Store } from "../../src/store/s3-store.js";
import { describeWith, s3Service } from "../rig/services.js";

/** The built thread: a worker does not run TypeScript. */
const entry = new URL("../../dist/store/s3/thread.js", import.meta.url);

describeWith(await s3Service(), "S3", ({ endpoint, region, env, freshUrl }) => {
  Object.assign(process.env, env);

  testObjectStore("a bucket", async () => {
    const address = { kind: "s3", url: freshUrl(), endpoint, region, pathStyle: true } as const;
    const store = new S3Store(address, { entry });
    // Another thread, as another process has it.
    const other = new S3Store({ ...address, patienceMs: 30_000 }, { entry });
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
