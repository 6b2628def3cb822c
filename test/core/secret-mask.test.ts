import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretMask } from "../../src/core/secret-mask.js";

test("hides values as they are, and as JSON, HTML and URLs write them", () => {
  const mask = new SecretMask([`p<"a s>s&`]);
  for (const text of [`p<"a s>s&`, String.raw`p<\"a s>s&`, "p&lt;&quot;a s&gt;s&amp;", "p%3C%22a%20s%3Es%26"]) {
    expect(mask.text(`before ${text} after ${text}`)).toBe("before *** after ***");
  }
});

test("hides the lines of a value for themselves", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nab\n-----END KEY-----\n";
  const mask = new SecretMask([key]);
  expect(mask.text(`key: ${key}`)).toBe("key: ***");
  expect(mask.text("  MIIEvQIBADANBgkq\nab")).toBe("  ***\nab");
});

test("hides values that overlap as one, and leaves very short ones", () => {
  expect(new SecretMask(["abcdef", "defghi", "on"]).text("on abcdefghi on")).toBe("on *** on");
});

test("hides in every text of data, and nothing else", () => {
  const mask = new SecretMask(["hunter22"]);
  const failure = { code: "exception", message: "no hunter22", frames: [{ line: 3 }], cause: { message: "hunter22!" }, hint: undefined };
  expect(mask.json(failure)).toEqual({ code: "exception", message: "no ***", frames: [{ line: 3 }], cause: { message: "***!" } });
});

const secret = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom("a", "b", "ä", "€") });
const text = fc.string({ maxLength: 60, unit: fc.constantFrom("a", "b", "ä", "€", "-") });

test("however a text is cut into chunks, the same is hidden", () => {
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), text, fc.array(fc.nat(60), { maxLength: 6 }), (secrets, whole, places) => {
      const mask = new SecretMask(secrets);
      const at = [0, ...places.filter((place) => place < whole.length).toSorted((a, b) => a - b), whole.length];
      const chunks = at.slice(1).map((end, index) => whole.slice(at[index], end));
      const stream = mask.stream();
      expect(chunks.map((chunk) => stream.push(chunk)).join("") + stream.end()).toBe(mask.text(whole));
      const bytes = Buffer.from(whole);
      const cuts = [0, ...places.filter((place) => place < bytes.length).toSorted((a, b) => a - b), bytes.length];
      const pieces = mask.pieces(cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end)));
      expect(Buffer.concat(pieces).toString()).toBe(mask.text(whole));
    }),
  );
});

test("where output was left out, the parts of a secret at both edges are hidden", () => {
  const mask = new SecretMask(["correct-horse"]);
  const pieces = [Buffer.from("one correct-"), Buffer.from("-horse two")];
  expect(mask.pieces(pieces, 1).map((piece) => Buffer.from(piece).toString())).toEqual(["one ***", "*** two"]);
});
