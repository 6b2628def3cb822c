import type { Failure } from "../../core/failure.js";
import { markup, type SafeHtml } from "../html.js";
import { failureView } from "./failure-view.js";

/** Stands in a card's head while its task is at work. */
export const RUNNING_MARK = '<meta name="millrace-card" content="running" />';
const RELOAD = /<meta http-equiv="refresh" content="\d+" \/>/;
const STATUS = '<span class="status running">running</span>';
const HEADER_END = "</header>";

/** The page was stored by a task at work. */
export function isRunningPage(page: string): boolean {
  return headOf(page).includes(RUNNING_MARK);
}

/**
 * What a task stored of its card while it was at work, once it is known to have ended without storing another: the page
 * says so, and why, and does not ask for itself again.
 */
export function endedPage(page: string, state: "failed" | "stopped", failure: Failure | undefined): string {
  const end = page.indexOf(HEADER_END) + HEADER_END.length;
  const reason = failure === undefined ? markup`<p>The task ended with its run. This is what it had stored last.</p>` : failureView(failure);
  const status: SafeHtml = markup`<span class="status failed">${state}</span>`;
  const head = page
    .slice(0, end)
    .replace(RELOAD, "")
    .replace(RUNNING_MARK, "")
    .replace(STATUS, () => status.text);
  return `${head}${markup`<section><h2>${failure === undefined ? "Stopped" : "Failure"}</h2>${reason}</section>`.text}${page.slice(end)}`;
}

function headOf(page: string): string {
  return page.slice(0, page.indexOf("</head>"));
}
