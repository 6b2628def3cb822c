import * as fc from "fast-check";
import { load } from "cheerio";
import { expect, test } from "vitest";
import { markup, SafeHtml, scriptJson } from "../../src/cards/html.js";

test("what is put in is text, in elements and in attributes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const $ = load(markup`<p title="${text}">${text}</p><hr />`.text);
      const shown = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "\ufffd").replaceAll(/\r\n?/g, "\n");
      expect([$("p").text(), $("p").attr("title")]).toEqual([shown, shown]);
      expect($("body").children()).toHaveLength(2);
    }),
  );
});

test("HTML that is safe stands as it is; nothing is nothing; lists are their parts", () => {
  expect(markup`${new SafeHtml("<b>")}|${undefined}${false}|${["<", markup`<i>`, 1]}`.text).toBe("<b>||&lt;<i>1");
});

test("JSON in a script element cannot end it, and comes back equal", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("</script>", "<!--", "\u2028", "<script"), (value, evil) => {
      const whole = { value, evil };
      const { text } = scriptJson(whole);
      expect(text).not.toMatch(/<|\u2028|\u2029/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(whole)));
    }),
  );
});
