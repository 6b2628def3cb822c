import { formatPathspec } from "../../core/pathspec.js";
import { formatDuration } from "../../core/quantity-text.js";
import type { CardDefinition } from "../card-definition.js";
import type { CardSubject } from "../card-subject.js";
import { markup, join, nothing, type SafeHtml } from "../html.js";

/** The title of a card that was given none. */
export function titleOf({ title, id }: CardDefinition, { record }: CardSubject): string {
  return title ?? (id === undefined ? record.step : `${record.step}: ${id}`);
}

/** Which task, and how it went. */
export function pageHeader(card: CardDefinition, subject: CardSubject): SafeHtml {
  const { run, record } = subject;
  const { startedAt, finishedAt, attempt, label, status } = record;
  const item = record.foreach?.at(-1);
  const facts = [
    item !== undefined &&
      fact("Item", label === undefined ? `index ${item.index} of ${item.count}` : `${label} (index ${item.index} of ${item.count})`),
    fact("Started", timeText(startedAt)),
    fact(status === "running" ? "At work for" : "Took", formatDuration(finishedAt - startedAt)),
    attempt > 0 && fact("Attempt", `${attempt} (after ${attempt === 1 ? "one failure" : `${attempt} failures`})`),
  ].filter((part) => part !== false);
  return markup`<header>
    <div class="path">${join(pathOf(subject), markup`<span aria-hidden="true"> / </span>`.text)}</div>
    <div class="title">
      <h1>${titleOf(card, subject)}</h1>
      <span class="status ${status}">${status}</span>
    </div>
    <dl class="facts">${facts}${run.tags.length > 0 && fact("Tags", run.tags.join(", "))}</dl>
  </header>`;
}

function pathOf({ run, record }: CardSubject): readonly SafeHtml[] {
  return [run.flow, run.run, record.step, record.task].map((part) => markup`<span>${part}</span>`);
}

/** Where and when, in full. */
export function detailsSection({ run, record }: CardSubject): SafeHtml {
  const { startedAt, finishedAt, status, host, pid, step, task, attempt } = record;
  const rows: readonly (readonly [string, SafeHtml | string] | undefined)[] = [
    ["Task", markup`<code>${formatPathspec(run.flow, run.run, step, task)}</code>`],
    ["Run started", markup`${timeText(run.startedAt)}, ${formatDuration(startedAt - run.startedAt)} before the task`],
    ["Task started", timeText(startedAt)],
    status === "running" ? undefined : ["Task ended", markup`${timeText(finishedAt)}, after ${formatDuration(finishedAt - startedAt)}`],
    ["Attempt", String(attempt)],
    run.origin === undefined ? undefined : ["Goes on from", markup`<code>${formatPathspec(run.flow, run.origin.run)}</code>`],
    ["User", run.user],
    ["Machine", `${host}, process ${pid}`],
    ["Code", markup`<code>${run.code.file}</code> <span class="muted">${run.code.hash.slice(0, 12)}</span>`],
    ["Versions", `millrace ${run.millrace}, Node ${run.node}`],
  ];
  const lines = rows.map((row) =>
    row === undefined
      ? nothing
      : markup`<tr>
          <th scope="row">${row[0]}</th>
          <td>${row[1]}</td>
        </tr>`,
  );
  return markup`<div class="scroll" tabindex="0">
    <table class="pairs">
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
}

function fact(name: string, value: SafeHtml | string): SafeHtml {
  return markup`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** A moment, the same wherever the card is read. */
export function timeText(time: number): SafeHtml {
  const date = new Date(time);
  const text = date.toLocaleString("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return markup`<time datetime="${date.toISOString()}">${text} UTC</time>`;
}
