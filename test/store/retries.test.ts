import { expect, test } from "vitest";
import { Patience, withRetries } from "../../src/store/s3/retries.js";
import { s3Error } from "../../src/store/s3/s3-error.js";

/** As the SDK says it while somebody writes the file that they are in. */
const missing = Object.assign(new Error("Could not load credentials from any providers"), { name: "CredentialsProviderError" });

const address = { kind: "s3", url: "s3://bucket/prefix", pathStyle: false } as const;

test("credentials that are gone for a moment are looked for again, where there have been some", async () => {
  const told: string[] = [];
  const patience = new Patience(10_000, (reason) => told.push(reason), { known: true });
  const found = await withRetries(patience, async ({ number }) => {
    if (number < 3) throw missing;
    return number;
  });
  expect(found).toBe(3);
  expect(new Set(told)).toEqual(new Set(["there are no AWS credentials any more: renew them"]));
});

test("who begins without credentials hears of it at once", async () => {
  const patience = new Patience(10_000, () => expect.unreachable());
  const failed = withRetries(patience, () => Promise.reject(missing));
  await expect(failed).rejects.toBe(missing);
});

test("credentials that stay away are what the failure says", async () => {
  const patience = new Patience(1, () => {}, { known: true });
  const error: unknown = await withRetries(patience, () => Promise.reject(missing)).catch((thrown: unknown) => thrown);
  expect(s3Error(error, "read", address)).toMatchObject({ code: "s3-credentials-missing" });
});
