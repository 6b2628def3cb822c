import { load } from "cheerio";

export interface Book {
  readonly url: string;
  readonly title: string;
  readonly author: string;
  readonly pounds: number;
}

/** A page that did not come: its status says whether asking again makes sense. */
export class PageError extends Error {
  override readonly name = "PageError";

  constructor(
    readonly url: string,
    readonly status: number,
  ) {
    super(`${url} answered ${status}`);
  }

  /** The site is busy or broken for now; a page that is gone (404) or forbidden (403) stays so. */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** The HTML of a page. */
export async function fetchPage(url: string): Promise<string> {
  const response = await fetch(url, { headers: { "user-agent": "millrace-example (a polite scraper)" } });
  if (!response.ok) throw new PageError(url, response.status);
  return response.text();
}

/** The books that a page of the catalogue links to, and the next page if there is one. */
export function readCatalogue(html: string, url: string): { readonly books: string[]; readonly next: string | undefined } {
  const $ = load(html);
  const links = $("a.book")
    .toArray()
    .map((link) => absolute($(link).attr("href"), url));
  const next = $("a[rel=next]").attr("href");
  return { books: links, next: next === undefined ? undefined : absolute(next, url) };
}

export function readBook(html: string, url: string): Book {
  const $ = load(html);
  const text = (selector: string) => {
    const found = $(selector).first().text().trim();
    if (found === "") throw new Error(`${url} has no ${selector}: did the site change?`);
    return found;
  };
  return { url, title: text("h1"), author: text(".author"), pounds: Number(text(".price").replace("£", "")) };
}

function absolute(href: string | undefined, url: string): string {
  return new URL(href ?? "", url).href;
}
