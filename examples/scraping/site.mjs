// A small bookshop on this machine, for the flow to scrape. It prints one line a request.
//
//   node examples/scraping/site.mjs [--port 8080 (or PORT in the environment)] [--gone 13,17]
//
// It behaves like the web: every fifth book answers 503 the first time it is asked for, more than four requests at once
// are answered 429, and the books named by --gone answer 404 until the site is started without them.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { port: { type: "string", default: process.env.PORT ?? "8080" }, gone: { type: "string", default: "" } },
});

const bookCount = 24;
const booksOnAPage = 10;
const mostAtOnce = 4;
const gone = new Set(values.gone.split(",").filter(Boolean).map(Number));
const asked = new Set();
let atOnce = 0;

const server = createServer((request, response) => {
  atOnce++;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
  const { status, body } = atOnce > mostAtOnce ? { status: 429, body: "Slow down" } : answer(pathname, Number(searchParams.get("page") ?? 1));
  // Late, so that requests overlap, as they do on a real site.
  setTimeout(() => {
    atOnce--;
    console.log(`${status} ${request.url}`);
    response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(body);
  }, 20);
});

function answer(pathname, page) {
  if (pathname === "/") return { status: 200, body: catalogue(page) };
  const book = Number(/^\/books\/(\d+)$/.exec(pathname)?.[1]);
  if (!(book >= 1 && book <= bookCount) || gone.has(book)) return { status: 404, body: "No such book" };
  if (book % 5 === 0 && !asked.has(book)) {
    asked.add(book);
    return { status: 503, body: "Try again in a moment" };
  }
  return { status: 200, body: bookPage(book) };
}

function catalogue(page) {
  const first = (page - 1) * booksOnAPage + 1;
  const last = Math.min(first + booksOnAPage - 1, bookCount);
  const links = [];
  for (let book = first; book <= last; book++) links.push(`<li><a class="book" href="/books/${book}">Book ${book}</a></li>`);
  const next = last < bookCount ? `<a rel="next" href="/?page=${page + 1}">next page</a>` : "";
  return `<!doctype html><title>Books</title><ul>${links.join("")}</ul>${next}`;
}

function bookPage(book) {
  return `<!doctype html><title>Book ${book}</title>
<main><h1>Book ${book}</h1><p class="author">Author ${(book % 6) + 1}</p><p class="price">£${(4 + book * 0.75).toFixed(2)}</p></main>`;
}

server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`serving ${bookCount} books on http://127.0.0.1:${server.address().port}`);
});
