import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { runDocument } from "./document-run.js";
import { awsService, describeWith, slurmService } from "../rig/services.js";
import { markdownIn } from "./documents.js";

/** Those whose flows run on a cluster. */
const onSlurm = ["docs/slurm.md", "examples/slurm/README.md"];

/** Those that need an AWS API. */
const onAws = [
  "docs/s3.md",
  "docs/aws.md",
  "docs/scaling.md",
  "examples/text-processing/README.md",
  "examples/train-model/README.md",
  "examples/scraping/README.md",
];

const documents = [
  "README.md",
  "docs/tutorial.md",
  "docs/flow-language.md",
  "docs/client.md",
  "docs/testing.md",
  "docs/secrets.md",
  "docs/dependencies.md",
  "docs/cards.md",
  "docs/keeping-runs.md",
  "docs/comparing-runs.md",
  "docs/debugging.md",
  ...(await markdownIn("examples")),
].filter((path) => ![...onSlurm, ...onAws].includes(path));

/** `UPDATE_DOCS=1 npx vitest run test/docs` brings the outputs in the documents up to date. */
const update = process.env["UPDATE_DOCS"] === "1";

describe("every snippet does what its document says:", () => {
  it.each(documents)("%s", (path) => runDocument(path, { update }), 180_000);
});

describeWith(await slurmService(), "every snippet that needs Slurm does what its document says:", ({ env }) => {
  it.concurrent.each(onSlurm)("%s", (path) => runDocument(path, { update, env }), 180_000);
});

describeWith(await awsService(), "every snippet that needs AWS does what its document says:", ({ env, createBucket, queue, image }) => {
  it.each(onAws)(
    "%s",
    async (path) => {
      await createBucket("my-bucket");
      // Each document's runs have the first numbers.
      const settings = { MILLRACE_S3_ROOT: `s3://my-bucket/${randomUUID()}`, MILLRACE_BATCH_QUEUE: queue, MILLRACE_BATCH_IMAGE: image };
      await runDocument(path, { update, env: { ...env, ...settings } });
    },
    300_000,
  );
});
