import { describe, expect, test } from "vitest";
import { withLastWords } from "../../../src/compute/remote/remote-failures.js";
import type { Failure } from "../../../src/core/failure.js";
import type { LogPiece } from "../../../src/datastore/task-log.js";

const failure = (message: string): Failure => ({ code: "exited", name: "JobExited", message, frames: [] });
const printed = (text: string): readonly LogPiece[] => [{ time: 0, stream: "stderr", bytes: Buffer.from(text) }];

describe("what a job said of its end", () => {
  test.each([
    ["nothing", "", "It ended."],
    ["its last words", "millrace: first\nother\nmillrace: S3 is away.\nmore\n", "It ended. It said: S3 is away."],
    ["a line that has them in its middle", "I say millrace: no\n", "It ended."],
  ])("%s", (_name, text, message) => {
    expect(withLastWords(failure("It ended."), printed(text)).message).toBe(message);
  });

  test("is not said twice where the engine has it already", () => {
    expect(withLastWords(failure("S3 is away."), printed("millrace: s3 is away.\n")).message).toBe("S3 is away.");
  });
});
