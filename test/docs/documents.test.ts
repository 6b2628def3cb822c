import { describe, it } from "vitest";
import { runDocument } from "./document-run.js";
import { markdownIn } from "./documents.js";

const documents = ["README.md", "docs/tutorial.md", ...(await markdownIn("examples"))];

describe("every snippet does what its document says:", () => {
  it.each(documents)("%s", runDocument, 180_000);
});
