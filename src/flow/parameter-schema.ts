import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonValue } from "../core/json.js";
import { parseJson } from "./parameter-text.js";

export type SchemaResult = { readonly value: unknown } | { readonly issues: string };

/**
 * Validates a given value. A text is tried as it is, then as what it says as JSON, so that `--range '{"from":1}'` and
 * `--count 3` satisfy schemas of objects and numbers, and a schema of texts sees every text whole.
 */
export async function validateWithSchema(schema: StandardSchemaV1, given: JsonValue | undefined): Promise<SchemaResult> {
  const asGiven = await validate(schema, given);
  if ("value" in asGiven || typeof given !== "string") return asGiven;
  const json = parseJson(given);
  if (json === undefined) return asGiven;
  const asJson = await validate(schema, json.value);
  // Text that says an object was meant as JSON; which of the two `12` was meant as cannot be told.
  if ("value" in asJson || typeof json.value === "object") return asJson;
  return { issues: `${asGiven.issues} (as a text); ${asJson.issues} (as JSON)` };
}

async function validate(schema: StandardSchemaV1, value: unknown): Promise<SchemaResult> {
  const result = await schema["~standard"].validate(value);
  return result.issues === undefined ? { value: result.value } : { issues: result.issues.map(describeIssue).join("; ") };
}

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`;
}
