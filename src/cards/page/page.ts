import { createHash } from "node:crypto";
import { formatPathspec } from "../../core/pathspec.js";
import { version } from "../../core/version.js";
import type { CardDefinition } from "../card-definition.js";
import type { CardSubject } from "../card-subject.js";
import type { Component } from "../components/component.js";
import { markup, SafeHtml, type HtmlPart } from "../html.js";
import { pageHeader, timeText, titleOf } from "./header.js";
import { Sections } from "./sections.js";
import { STYLE } from "./style.js";
import { vegaScript } from "../vega-script.js";

/** A card as a page that needs nothing else, and what of it could not be drawn. */
export interface DrawnCard {
  readonly html: string;
  readonly problems: readonly string[];
}

/** Draws a card. Never throws for what is in it: a part that cannot be drawn says so in its place. */
export function drawCard(card: CardDefinition, subject: CardSubject, components: readonly Component[]): DrawnCard {
  const sections = new Sections();
  sections.failure(subject);
  sections.appended(components);
  if (card.type === "default") sections.ofTask(subject);
  const isDrawnByScript = components.some((component) => "drawnByScript" in component);
  const page = pageOf(card, subject, sections.content, isDrawnByScript ? vegaScript() : undefined);
  return { html: page, problems: sections.problems };
}

/** What stands in the place of a card that could not be drawn at all. */
export function drawProblem(card: CardDefinition, subject: CardSubject, reason: string): string {
  return pageOf(
    card,
    subject,
    [
      markup`<section>
        <h2>No card</h2>
        <p class="note problem">This card could not be drawn: ${reason}</p>
      </section>`,
    ],
    undefined,
  );
}

/** A page at work asks for itself again after a while. */
const LEAST_RELOAD_S = 1;

function pageOf(card: CardDefinition, subject: CardSubject, content: readonly SafeHtml[], script: string | undefined): string {
  const { run, record } = subject;
  const pathspec = formatPathspec(run.flow, run.run, record.step, record.task);
  const isRunning = record.status === "running";
  const reload = isRunning && markup`<meta http-equiv="refresh" content="${Math.max(LEAST_RELOAD_S, Math.ceil(card.refreshIntervalMs / 1000))}" />`;
  const drawn = markup`drawn <span>${timeText(Date.now())}</span>`;
  const page: HtmlPart = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${securityPolicy(script)}" />
        ${reload}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="millrace-card" content="${record.status}" />
        <title>${titleOf(card, subject)} · ${pathspec}</title>
        <link rel="icon" href="data:," />
        <style>${new SafeHtml(STYLE)}</style>
      </head>
      <body>
        <main>${pageHeader(card, subject)} ${content}</main>
        <footer>millrace ${version}, ${drawn}</footer>
        ${script !== undefined && markup`<script>${new SafeHtml(script)}</script>`}
      </body>
    </html> `;
  return page.text;
}

/** Nothing is fetched, and no script runs but the one that draws charts. */
function securityPolicy(script: string | undefined): string {
  const hash = script === undefined ? "'none'" : `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hash}; base-uri 'none'; form-action 'none'`;
}
