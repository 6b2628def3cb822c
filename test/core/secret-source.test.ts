import { expect, test } from "vitest";
import { parseSecretSource, variableName } from "../../src/core/secret-source.js";

test.each([
  ["env:TOKEN", { type: "environment", names: ["TOKEN"] }],
  ["file:config/db.env", { type: "file", path: "config/db.env" }],
  ["aws:prod/db", { type: "aws", id: "prod/db" }],
  ["prod/db", { type: "aws", id: "prod/db" }],
  ["arn:aws:secretsmanager:eu-west-1:1:secret:db-x1", { type: "aws", id: "arn:aws:secretsmanager:eu-west-1:1:secret:db-x1" }],
  [
    { type: "aws", id: "db", keys: ["password"], prefix: "DB_", region: "eu-west-1" },
    { type: "aws", id: "db", keys: ["password"], prefix: "DB_", region: "eu-west-1" },
  ],
  [
    { type: "file", path: "key.pem", format: "text", name: "KEY" },
    { type: "file", path: "key.pem", format: "text", name: "KEY" },
  ],
])("%j is a source", (given, source) => {
  expect(parseSecretSource(given)).toEqual(source);
});

test.each([
  ["", /is no source/],
  ["vault:db", /is no source/],
  ["env:2-much", /“2-much” cannot name a variable/],
  [{ id: "db" }, /type is environment, file or aws, not left out/],
  [{ type: "inline", vars: {} }, /type is environment, file or aws, not "inline"/],
  [{ type: "aws" }, /has an id/],
  [{ type: "aws", id: "db", role: "x" }, /has no option role \(it takes id, region/],
  [{ type: "aws", id: "db", name: "A", keys: ["b"] }, /exclude each other/],
  [{ type: "file", path: "a", format: "yaml" }, /format is env, json or text, not "yaml"/],
  [{ type: "environment", names: [] }, /names its variables/],
  [7, /7 is no source/],
])("%j is none", (given, problem) => {
  expect(parseSecretSource(given)).toMatch(problem);
});

test("names of variables", () => {
  expect(["user", "api.key", "a-b/c"].map(variableName)).toEqual(["user", "api_key", "a_b_c"]);
  expect(["2nd", "MILLRACE_HOME", "a b", ""].map(variableName)).toEqual([undefined, undefined, undefined, undefined]);
});
