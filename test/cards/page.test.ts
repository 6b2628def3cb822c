import { load } from "cheerio";
import { describe, expect, test } from "vitest";
import { endedPage, isRunningPage } from "../../src/cards/page/ended-page.js";
import { drawCard, drawProblem } from "../../src/cards/page/page.js";
import { Component, Image, Markdown } from "../../src/cards/index.js";
import type { SafeHtml } from "../../src/cards/html.js";
import type { Failure } from "../../src/core/failure.js";
import { defaultCard, graphOf, page, subjectOf } from "./sample-card.js";

const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;

const failure: Failure = {
  code: "exception",
  name: "RangeError",
  message: `two ${evil}`,
  frames: [{ function: "Score.fan", file: "flow.ts", line: 50, column: 7 }],
  codeFrame: "  49 | a\n> 50 | throw <b>\n     | ^",
  cause: { code: "exception", name: "Error", message: "the disk is slow", frames: [] },
};

describe("the default card", () => {
  test("shows parameters, artifacts, log, graph and details of the task", () => {
    const $ = page({
      parameters: { alpha: 0.05, names: ["Oslo", "Lima"] },
      artifacts: { rows: [{ id: 1 }, { id: 2 }], losses: [3, 2, 1, 0.9, 0.8, 0.7, 0.6, 0.55, 0.5], total: 12_500 },
      log: [
        { time: 0, stream: "stdout", text: "reading <rows>", complete: true },
        { time: 0, stream: "stderr", text: "careful", complete: true },
      ],
      run: { tags: ["nightly"], graph: graphOf({ start: ["end"], end: [] }) },
    });
    expect(
      $("h2")
        .toArray()
        .map((title) => $(title).text()),
    ).toEqual(["Parameters", "Artifacts", "Log", "Graph", "Details"]);
    expect($("h1").text()).toBe("start");
    expect($("head title").text()).toBe("start · Score/1/start/0");
    expect($(".status").text()).toBe("done");
    expect($(".facts").text()).toMatch(/22 Nov 2026.*UTC.*Took\s*4.2s.*nightly/s);
    expect($(".pairs").first().text()).toMatch(/alpha\s*0.05\s*names\s*Oslo, Lima/);
    expect(
      $(".artifact h3")
        .toArray()
        .map((title) => $(title).text()),
    ).toEqual(["rows", "losses"]);
    expect($(".chart svg").first().attr("aria-label")).toBe("9 numbers from 0.5 to 3");
    expect($("pre.log").text()).toBe("reading <rows>\ncareful");
    expect($("pre.log .err").text()).toBe("careful");
    expect($(".node.marked text").text()).toBe("start");
  });

  test.each<[string, unknown, string]>([
    ["pictures", Buffer.from("89504e470d0a1a0a", "hex"), "img[src^='data:image/png']"],
    ["typed arrays", Float32Array.of(1, 2, 3), ".chart"],
    ["big integers", BigInt64Array.of(1n, 2n, 3n), ".chart"],
    ["records", [{ a: 1 }], ".scroll table thead"],
    [
      "lists of rows",
      [
        [1, 2],
        [3, 4],
      ],
      ".scroll table",
    ],
    ["maps", new Map([["a", 1]]), ".tree details"],
    ["nested objects", { a: { b: 1 } }, ".tree details details"],
    ["long texts", "a\nb", "pre.text"],
    ["other bytes", Buffer.from([1, 2]), "pre.text"],
    ["errors", new RangeError("no"), ".v-error"],
  ])("shows %s in a fitting form", (_, value, selector) => {
    const $ = page({ artifacts: { it: value } });
    expect($(`.artifact ${selector}`).length).toBeGreaterThan(0);
    expect($.problems).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [0],
    [-0],
    [Number.NaN],
    [""],
    [true],
    [10n],
    [new Date(Number.NaN)],
    [[]],
    [{}],
    [[Number.NaN, Number.NaN, Number.NaN]],
  ])("shows %s without a problem", (value) => {
    const $ = page({ artifacts: { it: value } });
    expect($.problems).toEqual([]);
    expect($("main").text()).toContain("it");
  });

  test("shows cycles and deep values, and stops", () => {
    const cyclic: Record<string, unknown> = { name: "loop" };
    cyclic["self"] = cyclic;
    let deep: unknown = 1;
    for (let level = 0; level < 100; level++) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, { index }]));
    const $ = page({ artifacts: { cyclic, deep, wide } });
    expect($.problems).toEqual([]);
    expect($("main").text()).toContain("which this stands in");
    expect($("main").text()).toContain("not shown");
    expect($("main").text()).toContain("4,950 more");
    expect($.html.length).toBeLessThan(150_000);
  });

  const evilGraph = { flow: evil, steps: graphOf({ start: [] }).steps.map((step) => ({ ...step, doc: evil })) };

  test("escapes whatever comes from the user", () => {
    const $ = page(
      {
        parameters: { [evil]: evil },
        artifacts: { [evil]: { [evil]: [evil, new Error(evil)] }, rows: [{ [evil]: evil }], map: new Map([[evil, evil]]) },
        inherited: { [evil]: evil },
        log: [{ time: 0, stream: "stdout", text: evil, complete: true }],
        run: { tags: [evil], user: evil, host: evil, graph: evilGraph },
        record: { label: evil, foreach: [{ split: "start/0", index: 1, count: 3 }], failure, status: "failed" },
      },
      [new Markdown(evil)],
      { ...defaultCard, title: evil },
    );
    expect($("script, img, [onerror]")).toHaveLength(0);
    expect($("h1").text()).toBe(evil);
    expect($.problems).toEqual([]);
  });

  test("reads what the task set, and of what it had only what is small", () => {
    const large = "x".repeat(100_000);
    const subject = subjectOf({ artifacts: { own: large }, inherited: { small: 1, large: `${large}y` } });
    const $ = load(drawCard(defaultCard, subject, []).html);
    expect(subject.reads).toEqual(["Score/1/start/0/own", "Score/1/start/0/small"]);
    const earlier = $("section").filter((_, section) => $(section).find("h2").text() === "From earlier steps");
    expect(earlier.text()).toMatch(/small\s*1\s*large\s*97.7 KB/);
  });

  test("does not read artifacts that are too large for a card", () => {
    const parts = { artifacts: { big: Buffer.alloc(5_000_000, "abcdefg") } };
    expect(page(parts)("main").text()).toContain("millrace dump Score/1/start/0/big");
  });

  test("shows a failure with the line at fault, the user's frames, and what caused it", () => {
    const $ = page({ record: { status: "failed", failure } });
    expect($("h2").first().text()).toBe("Failure");
    expect($(".status").text()).toBe("failed");
    expect($(".failure-message").first().text()).toBe(`RangeError: two ${evil}`);
    expect($(".failure pre b").text()).toBe("> 50 | throw <b>");
    expect($(".stack li").text()).toContain("Score.fan flow.ts:50:7");
    expect($(".failure .failure .failure-message").text()).toBe("Error: the disk is slow");
  });
});

describe("a page", () => {
  test("needs nothing else, and lets nothing run", () => {
    const $ = page({ artifacts: { a: 1 } });
    expect($("meta[http-equiv=Content-Security-Policy]").attr("content")).toBe(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'none'; base-uri 'none'; form-action 'none'",
    );
    expect($("script, link[rel=stylesheet]")).toHaveLength(0);
    expect(
      $("[src], link[href]")
        .toArray()
        .map((element) => element.attribs["src"] ?? element.attribs["href"]),
    ).toEqual(["data:,"]);
  });

  test("of type blank shows what the step appended, and a failure", () => {
    const $ = page({ parameters: { a: 1 }, record: { status: "failed", failure } }, [new Markdown("mine")], { ...defaultCard, type: "blank" });
    expect(
      $("h2")
        .toArray()
        .map((title) => $(title).text()),
    ).toEqual(["Failure"]);
    expect($(".prose").text().trim()).toBe("mine");
  });

  test("stays within its size: what is over it is left out, with a note", () => {
    const picture = (): Image => new Image(`<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(1_500_000)}--></svg>`);
    const $ = page({}, [picture(), picture(), picture(), new Markdown("the end")]);
    expect($("img")).toHaveLength(2);
    expect($(".note").text()).toContain("Image (1.9 MB) left out: a card holds 4.8 MB in all");
    expect($(".prose").text()).toContain("the end");
  });

  test("survives components that throw", () => {
    class Broken extends Component {
      override render(): SafeHtml {
        throw new TypeError(`broken ${evil}`);
      }
    }
    const $ = page({}, [new Broken(), new Markdown("after")]);
    expect($.problems).toEqual([`Broken could not be drawn: broken ${evil}`]);
    expect($(".problem").text()).toContain(evil);
    expect($(".prose").text()).toContain("after");
  });

  test("of a task at work asks for itself again; of one that has ended it does not", () => {
    const $ = page({ record: { status: "running" }, artifacts: { a: 1 } }, [], { ...defaultCard, refreshIntervalMs: 2500 });
    expect($("meta[http-equiv=refresh]").attr("content")).toBe("3");
    expect(
      $("h2")
        .toArray()
        .map((title) => $(title).text()),
    ).not.toContain("Artifacts");
    expect(isRunningPage($.html)).toBe(true);
    const done = page();
    expect(done("meta[http-equiv=refresh]")).toHaveLength(0);
    expect(isRunningPage(done.html)).toBe(false);
  });

  test("that was left over says how its task ended", () => {
    const { html } = page({ record: { status: "running" } }, [new Markdown(`<meta http-equiv="refresh" content="3" /> $&`)]);
    const failed = endedPage(html, "failed", failure);
    expect(isRunningPage(failed)).toBe(false);
    expect(failed).not.toMatch(/<meta http-equiv="refresh"/);
    expect(failed).toContain("RangeError");
    expect(failed).toContain('class="status failed">failed<');
    expect(failed).toContain("$&amp;");
    expect(endedPage(html, "stopped", undefined)).toContain("This is what it had stored last.");
  });

  test("that cannot be drawn at all has one in its place that says why", () => {
    const html = drawProblem(defaultCard, subjectOf({}), `no ${evil}`);
    expect(html).toContain("This card could not be drawn: no &quot;&#39;&gt;&lt;script&gt;");
  });
});
