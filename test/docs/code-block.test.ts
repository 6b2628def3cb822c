import { describe, expect, it } from "vitest";
import { readCodeBlocks } from "./code-block.js";

describe("code blocks", () => {
  it("have a language, attributes, a text and a line", () => {
    const markdown = ["# Title", "```ts file=a.ts part", "const a = 1;", "```", "text `inline`", "", "```", "plain", "```"].join("\n");
    expect(readCodeBlocks(markdown)).toEqual([
      { language: "ts", attributes: { file: "a.ts", part: "" }, text: "const a = 1;\n", line: 2 },
      { language: "", attributes: {}, text: "plain\n", line: 7 },
    ]);
  });

  it("lose the indentation of the list they stand in", () => {
    expect(readCodeBlocks("1. x\n   ```bash\n   one\n     two\n   ```")).toEqual([
      { language: "bash", attributes: {}, text: "one\n  two\n", line: 2 },
    ]);
  });

  it("may hold shorter fences", () => {
    expect(readCodeBlocks("````md\n```ts\n```\n````")[0]?.text).toBe("```ts\n```\n");
  });

  it("must be closed", () => {
    expect(() => readCodeBlocks("\n```ts\nx")).toThrow("line 2");
  });
});
