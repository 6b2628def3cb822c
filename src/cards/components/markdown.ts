import { Marked, type Tokens } from "marked";
import { escapeHtml, markup, SafeHtml } from "../html.js";
import { Component } from "./component.js";

/** Text with headings, lists, tables, links and code, as in a README. HTML in it is shown as it is written. */
export class Markdown extends Component {
  #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  /** Shows another text from now on. */
  update(text: string): void {
    this.#text = text;
  }

  override render(): SafeHtml {
    return markup`<div class="prose">${new SafeHtml(marked.parse(this.#text, { async: false }))}</div>`;
  }
}

/** Addresses that a link may lead to; `javascript:` and the like are none of them. */
const LINK = /^(?:https?:|mailto:|#)/i;
/** A card fetches nothing: pictures are those that stand in the text. */
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    heading({ depth, tokens }: Tokens.Heading): string {
      // The page has the first level, its sections the second.
      const level = Math.min(6, depth + 2);
      return `<h${level} class="level-${depth}">${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    link({ href, title, tokens }: Tokens.Link): string {
      const text = new SafeHtml(this.parser.parseInline(tokens));
      if (!LINK.test(href.trim())) return markup`<span title="${href}">${text}</span>`.text;
      return markup`<a href="${href.trim()}" rel="noopener noreferrer" ${named(title)}>${text}</a>`.text;
    },
    image({ href, title, text }: Tokens.Image): string {
      if (!PICTURE.test(href)) return markup`<span class="muted">[picture not in the card: ${text === "" ? href : text}]</span>`.text;
      return markup`<img src="${href}" alt="${text}" ${named(title)} />`.text;
    },
    table(token: Tokens.Table): string {
      const cells = (row: readonly Tokens.TableCell[], tag: string): string =>
        row
          .map(
            ({ tokens, align }) =>
              `<${tag}${tag === "th" ? ' scope="col"' : ""}${align === "right" ? ' class="number"' : ""}>${this.parser.parseInline(tokens)}</${tag}>`,
          )
          .join("");
      const rows = token.rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
      return `<div class="scroll" tabindex="0"><table><thead><tr>${cells(token.header, "th")}</tr></thead><tbody>${rows}</tbody></table></div>`;
    },
  },
});

function named(title: string | null | undefined): SafeHtml {
  return title ? markup` title="${title}"` : markup``;
}
