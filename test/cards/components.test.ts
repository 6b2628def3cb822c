import { tableFromArrays } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { Artifact, Html, Image, Log, Markdown, ProgressBar, Table, ValueBox, VegaChart } from "../../src/cards/index.js";
import { page } from "./sample-card.js";

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** The texts of a table's rows. */
function rowsOf($: ReturnType<typeof page>, table = "main section:first-of-type table"): string[][] {
  return $(table)
    .first()
    .find("tr")
    .toArray()
    .map((row) =>
      $(row)
        .children()
        .toArray()
        .map((cell) => $(cell).text()),
    );
}

describe("Markdown", () => {
  test("is drawn, below the page's own headings", () => {
    const $ = page({}, [new Markdown("# Results\n\nIt went **well**: [see](https://example.com/a?b=1&c=2).\n\n| a | b |\n|---|--:|\n| x | 1 |")]);
    expect($(".prose h3").text()).toBe("Results");
    expect($(".prose strong").text()).toBe("well");
    expect($(".prose a").attr("href")).toBe("https://example.com/a?b=1&c=2");
    expect(rowsOf($)).toEqual([
      ["a", "b"],
      ["x", "1"],
    ]);
    expect($(".prose td.number").text()).toBe("1");
  });

  test.each([
    ["<script>alert(1)</script>"],
    ["text <img src=x onerror=alert(1)> text"],
    ["[click](javascript:alert(1))"],
    ["[click](JaVaScRiPt:alert(1))"],
    ["[click](data:text/html,<script>alert(1)</script>)"],
    ["[click](vbscript:x)"],
    ["![a](https://example.com/track.png)"],
    ['![a](data:image/png;base64,AAAA"onload="alert(1))'],
    ["<a href='javascript:alert(1)'>x</a>"],
    ['[x](https://a.b "\\"><script>alert(1)</script>")'],
    ["```html\n</code></pre><script>alert(1)</script>\n```"],
    ['```"><script>\nx\n```'],
    ["<svg/onload=alert(1)>"],
    ["[x]: javascript:alert(1)\n\n[x]"],
    ["<javascript:alert(1)>"],
  ])("makes nothing that runs or fetches: %s", (text) => {
    const $ = page({}, [new Markdown(text)]);
    const own = $(".prose");
    expect(own.find("script, iframe, object, embed, svg, form, link, meta, base")).toHaveLength(0);
    for (const element of own.find("*").toArray()) {
      expect(Object.keys(element.attribs).filter((name) => name.startsWith("on"))).toEqual([]);
      expect(element.attribs["href"] ?? "#").toMatch(/^(?:https?:|mailto:|#)/);
      expect(element.attribs["src"] ?? "data:image/").toMatch(/^data:image\//);
    }
  });

  test("is also what a text that is updated becomes", () => {
    const text = new Markdown("one");
    text.update("*two*");
    expect(page({}, [text])(".prose em").text()).toBe("two");
  });
});

describe("Table", () => {
  test("shows records, with every column that comes up", () => {
    const $ = page({}, [
      new Table(
        [
          { id: 1, name: "a<b" },
          { id: 22, extra: { deep: [1, 2] } },
        ],
        { title: "Rows" },
      ),
    ]);
    expect($("figcaption").text()).toBe("Rows");
    expect(rowsOf($)).toEqual([
      ["id", "name", "extra"],
      ["1", "a<b", "–"],
      ["22", "–", "{ deep: [ 1, 2 ] }"],
    ]);
    expect($("th.number").text()).toBe("id");
  });

  test("shows objects of a class by their fields", () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    expect(rowsOf(page({}, [new Table([new Point(1, 2)])]))).toEqual([
      ["x", "y"],
      ["1", "2"],
    ]);
  });

  test("shows rows of cells under given names, and chosen columns of records", () => {
    const cells = page({}, [
      new Table(
        [
          [1, "a"],
          [2.123456789, new Date("2026-11-22T10:30:00Z")],
        ],
        { columns: ["n", "what"] },
      ),
    ]);
    expect(rowsOf(cells)).toEqual([
      ["n", "what"],
      ["1", "a"],
      ["2.12346", "2026-11-22 10:30:00 UTC"],
    ]);
    expect(cells("td[title]").attr("title")).toBe("2.123456789");
    expect(rowsOf(page({}, [new Table([{ a: 1, b: 2, c: 3 }], { columns: ["c", "a"] })]))).toEqual([
      ["c", "a"],
      ["3", "1"],
    ]);
  });

  test("shows Arrow tables", () => {
    const $ = page({}, [new Table(tableFromArrays({ id: Int32Array.of(1, 2, 3), name: ["x", "y", "z"] }), { maxRows: 2 })]);
    expect(rowsOf($)).toEqual([
      ["id", "name"],
      ["1", "x"],
      ["2", "y"],
    ]);
    expect($(".note").text()).toBe("Shows the first 2 of 3 rows.");
  });

  test("cuts long tables, wide ones and long cells, and says so", () => {
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`c${index}`, "x".repeat(1000)]));
    const $ = page({}, [new Table(Array.from({ length: 1250 }, () => wide))]);
    expect($("figure tbody tr")).toHaveLength(200);
    expect($("figure thead th")).toHaveLength(40);
    expect($("figure td").first().text()).toHaveLength(201);
    expect($("figure .note").text()).toBe("Shows the first 200 of 1,250 rows and the first 40 of 60 columns.");
  });

  test("of what is none says so in its place", () => {
    const $ = page({}, [new Table(7 as never), new Markdown("still here")]);
    expect($(".problem").text()).toContain("Table shows a list of records, a list of rows or an Arrow table, not 7");
    expect($(".prose").text()).toContain("still here");
    expect($.problems).toEqual([expect.stringContaining("Table could not be drawn") as unknown]);
  });

  test("without rows says so", () => {
    expect(page({}, [new Table([])])("figure .note").text()).toBe("No rows.");
  });
});

describe("Image", () => {
  test.each<[string, Uint8Array | string, string]>([
    ["bytes", png, "data:image/png;base64,"],
    ["a data address", `data:image/png;base64,${png.toString("base64")}`, "data:image/png;base64,"],
    ["an SVG's text", "<svg xmlns='http://www.w3.org/2000/svg'/>", "data:image/svg+xml;base64,"],
    ["a JPEG", Buffer.from("ffd8ffe000104a464946", "hex"), "data:image/jpeg;base64,"],
    ["a WebP", Buffer.from("RIFF\0\0\0\0WEBPVP8 "), "data:image/webp;base64,"],
  ])("shows %s", (_, source, address) => {
    const $ = page({}, [new Image(source, { title: "It", width: 120 })]);
    expect($("figure img").attr()).toMatchObject({
      src: expect.stringMatching(`^${address.replace("+", "\\+")}`) as unknown,
      alt: "It",
      width: "120",
    });
    expect($.problems).toEqual([]);
  });

  test.each([["text"], [Buffer.from("%PDF")], ["https://example.com/a.png"]])("says what it does not show: %s", (source) => {
    expect(page({}, [new Image(source)]).problems).toEqual([expect.stringContaining("PNG, JPEG") as unknown]);
  });

  test("leaves out pictures that are too large", () => {
    const $ = page({}, [new Image(Buffer.concat([png, Buffer.alloc(4_000_000)]))]);
    expect($("figure img")).toHaveLength(0);
    expect($(".note").text()).toContain("3.8 MB");
  });
});

describe("VegaChart", () => {
  const spec = { data: { values: [{ x: 1, y: "</script><script>alert(1)</script>" }] }, mark: "bar", encoding: { x: { field: "x" } } };

  test("puts its specification into the page as data, and the program that draws it once", () => {
    const $ = page({}, [new VegaChart(spec, { title: "A" }), new VegaChart(spec)]);
    const programs = $("script")
      .toArray()
      .filter((script) => script.attribs["type"] === undefined);
    expect(programs).toHaveLength(1);
    const data = $(".vega script[type='application/json']")
      .toArray()
      .map((script): unknown => JSON.parse($(script).text()));
    expect(data).toEqual([spec, spec]);
    expect($("meta[http-equiv=Content-Security-Policy]").attr("content")).toMatch(/script-src 'sha256-[\w+/]+=*'/);
  });

  test("takes other data", () => {
    const chart = new VegaChart(spec);
    chart.updateData([{ x: 5 }]);
    expect(JSON.parse(page({}, [chart])(".vega script").text())).toMatchObject({ mark: "bar", data: { values: [{ x: 5 }] } });
  });

  test("that is too large, or none, says so and leaves the program out", () => {
    const large = { ...spec, data: { values: Array.from({ length: 100_000 }, (_, x) => ({ x, y: "some text that is long enough" })) } };
    const $ = page({}, [new VegaChart(large)]);
    expect($.problems).toEqual([expect.stringMatching(/VegaChart could not be drawn: the chart's specification has [\d,]+ characters/) as unknown]);
    expect(page({}, [new VegaChart("bar" as never)]).problems).toHaveLength(1);
    expect($.html.length).toBeLessThan(900_000);
  });
});

describe("others", () => {
  test("ProgressBar tells how far it is", () => {
    const bar = new ProgressBar({ max: 12_000, label: "Rows", unit: "rows" });
    bar.update(3000);
    bar.increment();
    const $ = page({}, [bar]);
    expect($(".progress-text").text().replaceAll(/\s+/g, " ").trim()).toBe("Rows3001 of 12,000 rows 25 %");
    expect($("progress").attr()).toMatchObject({ max: "1", value: String(3001 / 12_000), "aria-label": "Rows" });
  });

  test("ValueBoxes that follow each other stand in one row", () => {
    const box = new ValueBox({ title: "Accuracy", value: 91.723456, unit: "%", before: 88 });
    const $ = page({}, [box, new ValueBox({ title: "Rows", value: 12_500 }), new Markdown("x"), new ValueBox({ title: "Best", value: "Oslo" })]);
    expect(
      $(".value-row")
        .toArray()
        .map((row) =>
          $(row)
            .find(".value-title")
            .toArray()
            .map((title) => $(title).text()),
        ),
    ).toEqual([["Accuracy", "Rows"], ["Best"]]);
    expect($(".value-note").first().text().replaceAll(/\s+/g, " ")).toContain("▲ 3.72346 (+4.23 %) from 88");
    box.update(87);
    expect(page({}, [box])(".value-note").text()).toContain("▼");
  });

  test("Artifact shows any value", () => {
    const $ = page({}, [new Artifact({ a: { b: [1] } }, { name: "Settings" })]);
    expect($("figcaption").text()).toBe("Settings");
    expect(
      $(".tree .key")
        .toArray()
        .map((key) => $(key).text()),
    ).toEqual(["a", "b", "0"]);
  });

  test("Log shows the last lines, without colours", () => {
    const log = new Log("first\nsecond", { maxLines: 2 });
    log.append("\u001b[31mthird\u001b[0m");
    expect(page({}, [log])("figure pre").text()).toBe("… 1 line before\nsecond\nthird");
  });

  test("Html stands in a frame where nothing runs", () => {
    const source = `<h1>"Mine"</h1><script>alert(1)</script>`;
    const $ = page({}, [new Html(source, { title: "Own", height: 120 })]);
    expect($("iframe").attr()).toEqual({ sandbox: "", srcdoc: source, height: "120", title: "Own" });
    expect($("main script")).toHaveLength(0);
  });
});
