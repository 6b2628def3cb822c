import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { FlowSpec, parameter, retry, step, timeout, type Inputs } from "millrace";
import { fetchPage, PageError, readBook, readCatalogue, type Book } from "./pages.js";

/** Reads every book of a site, politely: at most four pages at once, and none twice that came once. */
export default class ScrapingFlow extends FlowSpec {
  site = parameter({ default: "http://127.0.0.1:8080", help: "Where site.mjs serves" });
  output = parameter({ default: () => join(import.meta.dirname, "output"), help: "Folder of the result" });

  url!: string;
  html!: string;
  book!: Book;
  books!: Book[];

  /** Follows the catalogue from page to page. */
  @retry({ times: 3, delay: "1s" })
  @step
  async start() {
    const bookUrls: string[] = [];
    let page: string | undefined = new URL("/", this.site).href;
    while (page !== undefined) {
      const { books, next } = readCatalogue(await fetchPage(page), page);
      bookUrls.push(...books);
      page = next;
    }
    console.log(`found ${bookUrls.length} books`);
    this.next(this.fetchBook, { foreach: bookUrls, concurrency: 4, label: (url) => new URL(url).pathname });
  }

  /** Only fetches: what came is kept, so a mistake in reading it costs the site nothing. */
  @retry({ times: 3, delay: "100ms", if: (error) => error instanceof PageError && error.passes })
  @timeout("30s")
  @step
  async fetchBook(url: string) {
    this.url = url;
    this.html = await fetchPage(url);
    this.next(this.readBook);
  }

  @step readBook() {
    this.book = readBook(this.html, this.url);
    this.next(this.collect);
  }

  @step collect(inputs: Inputs<this>) {
    this.books = inputs.map((input) => input.book);
    this.next(this.save);
  }

  @step async save() {
    await mkdir(this.output, { recursive: true });
    const file = join(this.output, "books.csv");
    await writeFile(file, stringify([...this.books], { header: true }));
    console.log(`wrote ${this.books.length} books to ${file}`);
    this.next(this.end);
  }

  @step end() {
    const cheapest = this.books.toSorted((a, b) => a.pounds - b.pounds)[0];
    console.log(`the cheapest is ${cheapest?.title} by ${cheapest?.author}: £${cheapest?.pounds.toFixed(2)}`);
  }
}
