import { expect, test } from "vitest";
import { TransferLine } from "../../src/terminal/transfer-line.js";

function written(isTTY: boolean): readonly string[] {
  const texts: string[] = [];
  const line = new TransferLine({ isTTY, write: (text) => texts.push(text) }, "uploading");
  line.show("1 of 2 objects");
  line.show("2 of 2 objects");
  line.end("2 of 2 objects");
  return texts;
}

test("on a terminal the line changes in place, not more often than one can see", () => {
  expect(written(true)).toEqual(["\r\u001b[Kuploading 1 of 2 objects", "\r\u001b[Kuploading 2 of 2 objects\n"]);
});

test("elsewhere its end alone is printed", () => {
  expect(written(false)).toEqual(["uploading 2 of 2 objects\n"]);
});
