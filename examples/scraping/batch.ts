import { batch, FlowSpec, parameter, retry, step, timeout, type Inputs } from "millrace";
import { fetchPage, PageError, readBook, readCatalogue, type Book } from "./pages.js";

/** Reads every book on AWS Batch. A job takes a while to start, so each one reads several books, one after another. */
export default class ScrapingOnBatchFlow extends FlowSpec {
  site = parameter({ default: "http://127.0.0.1:8080", help: "Where site.mjs serves" });
  booksPerJob = parameter({ type: "int", default: 8, help: "Books that one job reads" });

  books!: Book[];

  /** Follows the catalogue from page to page. */
  @retry({ times: 3, delay: "1s" })
  @step
  async start() {
    const urls: string[] = [];
    for (let page: string | undefined = new URL("/", this.site).href; page !== undefined;) {
      const catalogue = readCatalogue(await fetchPage(page), page);
      urls.push(...catalogue.books);
      page = catalogue.next;
    }
    const chunks = Array.from({ length: Math.ceil(urls.length / this.booksPerJob) }, (_, index) =>
      urls.slice(index * this.booksPerJob, (index + 1) * this.booksPerJob),
    );
    console.log(`found ${urls.length} books for ${chunks.length} jobs`);
    this.next(this.readBooks, { foreach: chunks, concurrency: 4 });
  }

  /** The site sees one request of a job at a time, from four jobs at most. */
  @batch({ cpu: 1, memory: 1000 })
  @retry({ times: 3, delay: "100ms", if: (error) => error instanceof PageError && error.passes })
  @timeout("5m")
  @step
  async readBooks(urls: string[]) {
    this.books = [];
    for (const url of urls) this.books.push(readBook(await fetchPatiently(url), url));
    console.log(`read ${this.books.length} books`);
    this.next(this.collect);
  }

  @step collect(inputs: Inputs<this>) {
    this.books = inputs.flatMap((input) => input.books);
    this.next(this.end);
  }

  @step end() {
    const cheapest = this.books.toSorted((a, b) => a.pounds - b.pounds)[0];
    console.log(`the cheapest of ${this.books.length} books is ${cheapest?.title}: £${cheapest?.pounds.toFixed(2)}`);
  }
}

/** A page that is busy is asked for once more at once: a job costs more than a page. */
async function fetchPatiently(url: string): Promise<string> {
  try {
    return await fetchPage(url);
  } catch (error) {
    if (!(error instanceof PageError && error.passes)) throw error;
    return fetchPage(url);
  }
}
