import { markup, type HtmlPart, type SafeHtml } from "../html.js";

/** Something to look at, with its title above it. */
export function figure(title: string | undefined, content: HtmlPart, after?: HtmlPart): SafeHtml {
  return markup`<figure>${title !== undefined && markup`<figcaption>${title}</figcaption>`}${content}${after}</figure>`;
}

/** A remark of the card's own, such as what it leaves out. */
export function note(text: HtmlPart): SafeHtml {
  return markup`<p class="note">${text}</p>`;
}
