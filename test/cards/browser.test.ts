import { rename, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultCard, page as draw, type SubjectParts } from "./sample-card.js";
import { allParts, fullTask, lineChart } from "./all-parts.js";
import { Artifact, Html, Image, Markdown, Table, VegaChart, type Component } from "../../src/cards/index.js";
import { faintTexts, fontsReady, hit, openDetails, pageWidth, unreachable } from "./in-page.js";
import { browserPath, TestBrowser, type OpenPage, type PageOptions } from "../rig/browser.js";

let browser: TestBrowser;

beforeAll(async () => {
  if (browserPath !== undefined) browser = await TestBrowser.start(browserPath);
});
afterAll(async () => {
  if (browserPath !== undefined) await browser[Symbol.asyncDispose]();
});
beforeEach(({ skip }) => skip(browserPath === undefined, "no Chromium on this machine"));

async function open(parts: SubjectParts, components: readonly Component[], options?: PageOptions): Promise<OpenPage> {
  const drawn = draw(parts, components);
  expect(drawn.problems).toEqual([]);
  const opened = await browser.open(await browser.file(drawn.html), options);
  await opened.page.evaluate(fontsReady);
  if (components.some((component) => component instanceof VegaChart)) await opened.page.waitForSelector("html[data-charts=drawn]");
  return opened;
}

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
  test("every part is shown, without a complaint and without a request", async () => {
    await using shown = await open(fullTask, allParts(), { scheme });
    const { page } = shown;
    expect(shown.complaints).toEqual([]);
    expect(shown.requests).toEqual([]);
    expect(await page.locator(".vega svg path[aria-roledescription='line mark']").count()).toBe(1);
    expect(await page.locator("figure img").boundingBox()).toMatchObject({ width: 240 });
    expect(await page.frameLocator("iframe").locator("h1").innerText()).toBe("Mine");
    for (const text of ["Accuracy", "Results", "45 of 60", "first line", "two is too many", "Parameters", "From earlier steps"]) {
      await page.getByText(text).first().waitFor();
    }
  });

  test("every text stands out from what is behind it", async () => {
    await using shown = await open(fullTask, allParts(), { scheme });
    await shown.page.evaluate(openDetails);
    expect(await shown.page.evaluate(faintTexts)).toEqual([]);
  });

  test("charts take the page's colours, also when they change", async () => {
    await using shown = await open({}, [new VegaChart(lineChart)], { scheme });
    const { page } = shown;
    const stroke = (): Promise<string | null> => page.locator(".vega path[aria-roledescription='line mark']").getAttribute("stroke");
    const colors = { light: "#3b6fd4", dark: "#7aa5ff" };
    expect(await stroke()).toBe(colors[scheme]);
    const other = scheme === "light" ? "dark" : "light";
    await page.emulateMedia({ colorScheme: other });
    await expect.poll(stroke, { timeout: 10_000 }).toBe(colors[other]);
  });
});

test("on a narrow screen nothing but tables, code and graphs is scrolled sideways", async () => {
  await using shown = await open(fullTask, allParts(), { width: 360 });
  expect(await shown.page.evaluate(pageWidth)).toBeLessThanOrEqual(360);
});

test("everything that scrolls or opens can be reached by the keyboard, pictures have names", async () => {
  await using shown = await open(fullTask, allParts(), { width: 500 });
  expect(await shown.page.evaluate(unreachable)).toEqual([]);
  expect(await shown.page.locator("img:not([alt]), svg[role=img]:not([aria-label]), iframe:not([title])").count()).toBe(0);
  expect(await shown.page.locator("h1").count()).toBe(1);
});

describe("what users' data says", () => {
  const attacks = [
    `<script>window.top.hit = 1</script>`,
    `<img src=x onerror="window.hit = 1">`,
    `"><svg onload="window.hit = 1">`,
    `' onmouseover='window.hit = 1`,
    `</script><script>window.hit = 1</script>`,
    `</style><script>window.hit = 1</script>`,
    `</textarea></title><script>window.hit = 1</script>`,
    `[x](javascript:window.hit=1)`,
    `<a href="javascript:window.hit=1">x</a>`,
    `<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>`,
    `<meta http-equiv="refresh" content="0;url=https://example.com">`,
    `<base href="https://example.com/">`,
    `<form action="https://example.com"><button>x</button></form>`,
    `<link rel=stylesheet href="https://example.com/x.css"><style>@import "https://example.com/y.css"; body { display: none }</style>`,
    `<object data="https://example.com"></object><embed src="https://example.com">`,
    `![x](https://example.com/pixel.png)`,
  ];
  const all = attacks.join("\n");

  test("never runs and never fetches, wherever it stands", async () => {
    const evil = Object.fromEntries(attacks.map((attack, index) => [attack, attacks[index]]));
    const task: SubjectParts = {
      parameters: evil,
      artifacts: {
        ...evil,
        rows: attacks.map((attack) => ({ [attack]: attack })),
        tree: { deep: evil, map: new Map(Object.entries(evil)) },
        text: all,
      },
      inherited: evil,
      log: attacks.map((text) => ({ time: 0, stream: "stderr", text, complete: true })),
      run: { tags: attacks, user: all },
      record: {
        label: all,
        foreach: [{ split: "start/0", index: 0, count: 1 }],
        status: "failed",
        failure: {
          code: "exception",
          name: all,
          message: all,
          hint: all,
          codeFrame: all,
          frames: [{ function: all, file: all, line: 1, column: 1 }],
        },
      },
    };
    const components = [
      ...attacks.map((attack) => new Markdown(attack)),
      new Markdown(all),
      new Table([evil], { title: all }),
      new Artifact(evil, { name: all }),
      new Html(all, { title: all }),
      new Image(
        `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hit = 1"><script>window.hit = 1</script><image href="https://example.com/a.png"/></svg>`,
      ),
      new VegaChart(
        { data: { values: attacks.map((y) => ({ x: 1, y })) }, mark: "bar", encoding: { x: { field: "x" }, y: { field: "y" } }, title: all },
        { title: all },
      ),
    ];
    const drawn = draw(task, components, { ...defaultCard, title: all });
    await using shown = await browser.open(await browser.file(drawn.html));
    const { page } = shown;
    const address = page.url();
    await page.waitForSelector("html[data-charts=drawn]");
    for (const link of await page.locator("main a").all()) await link.click({ timeout: 5000 });
    await page.mouse.move(300, 300);
    expect(await page.evaluate(hit)).toBeUndefined();
    expect(shown.requests).toEqual([]);
    expect(page.url()).toBe(address);
    expect(await page.locator("h1").isVisible()).toBe(true);
    // The only complaints are the browser's own, of what it did not run or load.
    expect(shown.complaints.filter((text) => !/sandbox|Content Security Policy|Not allowed to load/i.test(text))).toEqual([]);
  });
});

describe("charts", () => {
  const values = [
    { group: "a", n: 3 },
    { group: "b", n: 7 },
  ];
  const encoding = { x: { field: "group" }, y: { field: "n", type: "quantitative" } };

  test.each<[string, object]>([
    ["bars", { data: { values }, mark: "bar", encoding }],
    [
      "layers",
      {
        data: { values },
        layer: [
          { mark: "bar", encoding },
          { mark: "rule", encoding: { y: { datum: 5 } } },
        ],
      },
    ],
    ["facets", { data: { values }, mark: "bar", encoding: { ...encoding, column: { field: "group" } } }],
    [
      "rows of charts",
      {
        data: { values },
        vconcat: [
          { mark: "bar", encoding },
          { mark: "point", encoding },
        ],
      },
    ],
    [
      "computed fields",
      {
        data: { values },
        transform: [{ calculate: "datum.n * 2 + length(datum.group)", as: "n" }, { filter: "datum.n > 1" }],
        mark: "bar",
        encoding,
      },
    ],
    ["selections", { data: { values }, params: [{ name: "pick", select: "interval" }], mark: "point", encoding }],
    ["a size of its own", { data: { values }, width: 300, height: 100, mark: "bar", encoding }],
    [
      "plain Vega",
      {
        $schema: "https://vega.github.io/schema/vega/v6.json",
        width: 200,
        height: 100,
        data: [{ name: "t", values }],
        marks: [
          { type: "rect", from: { data: "t" }, encode: { enter: { x: { value: 0 }, width: { value: 20 }, y: { value: 0 }, height: { value: 50 } } } },
        ],
      },
    ],
  ])("of %s are drawn", async (_, spec) => {
    await using shown = await open({}, [new VegaChart(spec)]);
    expect(await shown.page.locator(".vega .problem").count()).toBe(0);
    expect(await shown.page.locator(".vega svg [role=graphics-symbol], .vega svg .mark-rect path").count()).toBeGreaterThan(0);
    expect(shown.complaints).toEqual([]);
  });

  test("fill the card, and tell of the mark that is pointed at", async () => {
    await using shown = await open({}, [new VegaChart({ data: { values }, mark: "bar", encoding })]);
    const box = await shown.page.locator(".vega svg").boundingBox();
    expect(box?.width).toBeGreaterThan(800);
    await shown.page.locator(".vega path[aria-roledescription=bar]").first().hover();
    await shown.page.locator(".tip").waitFor();
    expect(await shown.page.locator(".tip").innerText()).toMatch(/group: a\s*n: 3/);
  });

  test.each<[string, object, RegExp]>([
    [
      "data from a network",
      { data: { url: "https://example.com/data.json" }, mark: "bar", encoding },
      /no network for https:\/\/example\.com\/data\.json/,
    ],
    ["no mark", { data: { values }, encoding }, /could not be drawn/],
    ["an unknown mark", { data: { values }, mark: "pies", encoding }, /could not be drawn/],
  ])("of %s say why they are not drawn, and the others are", async (_, spec, reason) => {
    await using shown = await open({}, [new VegaChart(spec), new VegaChart(lineChart)]);
    expect(await shown.page.locator(".vega .problem").innerText()).toMatch(reason);
    expect(await shown.page.locator(".vega path[aria-roledescription='line mark']").count()).toBe(1);
    expect(shown.requests).toEqual([]);
  });
});

test("the page of a task at work loads itself again, and stays once the task has ended", async () => {
  const running = { ...defaultCard, refreshIntervalMs: 1000 };
  const file = await browser.file(draw({ record: { status: "running" } }, [new Markdown("first")], running).html);
  await using shown = await browser.open(file);
  await shown.page.getByText("first").waitFor();
  // As the datastore does: the new page takes the place of the old one at once.
  await writeFile(`${file}.new`, draw({}, [new Markdown("second")], running).html);
  await rename(`${file}.new`, file);
  await shown.page.getByText("second").waitFor();
  expect(await shown.page.locator(".status").innerText()).toBe("done");
  expect(await shown.page.locator("meta[http-equiv=refresh]").count()).toBe(0);
});
