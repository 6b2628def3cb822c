import { expect, test } from "vitest";
import { parseWith } from "../../src/flow/with-option.js";
import { MillraceError } from "../../src/index.js";

test.each<[string, string, object]>([
  ["retry", "retry", {}],
  ["retry:", "retry", {}],
  ["retry:times=2", "retry", { times: 2 }],
  ["retry:times=2,delay=5s,jitter=false", "retry", { times: 2, delay: "5s", delayMs: 5000, jitter: false }],
  ["retry: times = 2 , delay = 5s ", "retry", { times: 2, delay: "5s", delayMs: 5000 }],
  ["timeout:5m", "timeout", { duration: "5m", durationMs: 300_000 }],
  ["timeout:minutes=5", "timeout", { minutes: 5, durationMs: 300_000 }],
  ["catchError:problem", "catchError", { var: "problem" }],
  ["batch:queue=12,image=node:24", "batch", { queue: "12", image: "node:24" }],
  ['environment:vars={"A":"1,2","B":"x=}"}', "environment", { vars: { A: "1,2", B: "x=}" } }],
  ['kubernetes:tolerations=[{"key":"a","more":{"b":[1,2]}}],cpu=2', "kubernetes", { tolerations: [{ key: "a", more: { b: [1, 2] } }], cpu: 2 }],
])("--with %s", (text, name, options) => {
  expect(parseWith(text)).toEqual({ name, options, from: "with" });
});

test.each<[string, string, readonly string[]]>([
  ["retyr", "unknown-decorator", ["retyr", "Did you mean retry?", "timeout"]],
  ["", "unknown-decorator", ["no decorator"]],
  ["schedule", "unknown-decorator", ["schedule"]],
  ["step", "unknown-decorator", ["step"]],
  ["retry:2", "bad-with", ["2"]],
  ["timeout=300ms", "with-without-colon", ["--with timeout:300ms"]],
  ["retry:times=2,,delay=1s", "bad-with", ["retry:times=2,,delay=1s"]],
  ["retry:times=", "bad-with", ["times="]],
  ["retry:times=x", "bad-decorator-option", ["'x'"]],
  ["retry:if=true", "bad-decorator-option", ["function"]],
  ["retry:time=2", "unknown-decorator-option", ["Did you mean times?"]],
  ["environment", "bad-decorator-options", ["vars is missing"]],
])("--with %s is refused", (text, code, words) => {
  let thrown: unknown;
  try {
    parseWith(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code, exitCode: 2 });
  if (!(thrown instanceof MillraceError)) return;
  for (const word of words) expect(`${thrown.message} ${thrown.hint}`).toContain(word);
});
