import { messageOf } from "../../core/errors/millrace-error.js";
import { formatBytes } from "../../core/quantity-text.js";
import type { CardSubject } from "../card-subject.js";
import type { Component } from "../components/component.js";
import { note } from "../components/figure.js";
import { graphPicture } from "../graph/picture.js";
import { markup, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { logView } from "../values/log-view.js";
import { artifactsSection, inheritedSection, parametersSection } from "./artifact-sections.js";
import { failureView } from "./failure-view.js";
import { detailsSection } from "./header.js";

/** The parts of a card's page, within its size; what cannot be drawn is told and left out. */
export class Sections {
  readonly #parts: SafeHtml[] = [];
  readonly #problems: string[] = [];
  #bytes = 0;

  get content(): readonly SafeHtml[] {
    return this.#parts;
  }

  /** What could not be drawn, a line each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What the step appended, with boxes of figures in rows. */
  appended(components: readonly Component[]): void {
    let row: SafeHtml[] = [];
    const endRow = (): void => {
      if (row.length > 0) this.#take(markup`<div class="value-row">${row}</div>`, "a row of figures");
      row = [];
    };
    for (const component of components) {
      const kind = component.constructor.name;
      const drawn = this.#draw(kind, () => component.render());
      if ("inRow" in component) row.push(drawn);
      else {
        endRow();
        this.#take(markup`<section>${drawn}</section>`, kind);
      }
    }
    endRow();
  }

  /** What the default card shows of every task, in the order of interest. */
  ofTask(subject: CardSubject): void {
    const { run, record, log } = subject;
    this.#section("Parameters", () => parametersSection(subject));
    if (record.status !== "running") this.#section("Artifacts", () => artifactsSection(subject));
    if (log.length > 0) {
      this.#section("Log", () => logView(log.map(({ text, stream }) => ({ text, isError: stream === "stderr" }))));
    }
    this.#section("Graph", () => graphPicture(run.graph, record.step));
    this.#section("From earlier steps", () => inheritedSection(subject), "folded");
    this.#section("Details", () => detailsSection(subject), "folded");
  }

  failure({ record: { failure, caught } }: CardSubject): void {
    const failed = failure ?? caught;
    if (failed !== undefined) this.#section("Failure", () => failureView(failed));
  }

  #section(title: string, draw: () => SafeHtml | undefined, form: "open" | "folded" = "open"): void {
    const content = this.#draw(title, draw);
    if (content === undefined) return;
    const section =
      form === "open"
        ? markup`<section>
            <h2>${title}</h2>
            ${content}
          </section>`
        : markup`<section>
            <details>
              <summary><h2>${title}</h2></summary>
              ${content}
            </details>
          </section>`;
    this.#take(section, title);
  }

  #draw<T>(what: string, draw: () => T): T | SafeHtml {
    try {
      return draw();
    } catch (error) {
      const reason = messageOf(error);
      this.#problems.push(`${what} could not be drawn: ${reason}`);
      return markup`<p class="note problem">${what} could not be drawn: ${reason}</p>`;
    }
  }

  #take(part: SafeHtml, what: string): void {
    const bytes = Buffer.byteLength(part.text);
    if (this.#bytes + bytes > limits.cardBytes) {
      this.#parts.push(note(`${what} (${formatBytes(bytes)}) left out: a card holds ${formatBytes(limits.cardBytes)} in all.`));
      return;
    }
    this.#bytes += bytes;
    this.#parts.push(part);
  }
}
