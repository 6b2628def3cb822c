import { describe, it } from "vitest";
import { runDocument } from "./document-run.js";
import { describeWith, slurmService } from "../rig/services.js";
import { markdownIn } from "./documents.js";

/** Those whose flows run on a cluster. */
const onSlurm = ["docs/slurm.md", "examples/slurm/README.md"];

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
].filter((path) => !onSlurm.includes(path));

/** `UPDATE_DOCS=1 npx vitest run test/docs` brings the outputs in the documents up to date. */
const update = process.env["UPDATE_DOCS"] === "1";

describe("every snippet does what its document says:", () => {
  it.each(documents)("%s", (path) => runDocument(path, { update }), 180_000);
});

describeWith(await slurmService(), "every snippet that needs Slurm does what its document says:", ({ env }) => {
  it.concurrent.each(onSlurm)("%s", (path) => runDocument(path, { update, env }), 180_000);
});
