import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";

/** Where a Chromium is on machines that have one. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** This machine's Chromium; undefined when it has none. */
export const browserPath = PLACES.find((path) => existsSync(path));

/** What a page did beside being shown. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings of the console, and uncaught ones. */
  readonly complaints: readonly string[];
  /** Addresses that it asked for, beside its own file and what stands in it. */
  readonly requests: readonly string[];
}

export interface PageOptions {
  readonly scheme?: "light" | "dark";
  /** Pixels. */
  readonly width?: number;
}

/** A real browser that shows pages as files, as a user's does. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;
  #pages = 0;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  static async start(executablePath: string): Promise<TestBrowser> {
    const quiet = [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    // As root, as on many CI machines, Chromium has no sandbox of its own.
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...quiet] });
    return new TestBrowser(browser, await mkdtemp(join(tmpdir(), "millrace-page-")));
  }

  /** A file that the next page is opened from. */
  async file(html: string): Promise<string> {
    const file = join(this.#folder, `${++this.#pages}.html`);
    await writeFile(file, html);
    return file;
  }

  async open(file: string, { scheme = "light", width = 1000 }: PageOptions = {}): Promise<OpenPage> {
    const context = await this.#browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    // What the page's security policy refuses does not come as far; the browser's own list of requests has some of it.
    await page.route(/^(?!data:|about:|file:)/, async (route) => {
      requests.push(route.request().url());
      await route.abort();
    });
    await page.goto(pathToFileURL(file).href);
    return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
