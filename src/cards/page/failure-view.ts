import type { Failure } from "../../core/failure.js";
import { formatPosition } from "../../core/source-position.js";
import { markup, join, type SafeHtml } from "../html.js";

/** Causes of causes that are shown. */
const DEEPEST = 5;
/** Frames of a stack, and errors of an AggregateError, that are shown. */
const MOST = 20;

/** What failed an attempt: the error, the user's line of source, the user's frames, and what caused it. */
export function failureView(failure: Failure, depth = 0): SafeHtml {
  const { name, message, hint, codeFrame, frames, cause, errors = [] } = failure;
  const stack = frames
    .slice(0, MOST)
    .map(
      (frame) =>
        markup`<li><code>${frame.function === "" ? "(module)" : frame.function}</code> <span class="muted">${formatPosition(frame)}</span></li>`,
    );
  return markup`<div class="failure">
    <p class="failure-message"><strong>${name}</strong>${message !== "" && `: ${message}`}</p>
    ${hint !== undefined && markup`<p>${hint}</p>`}${codeFrame !== undefined && markup`<pre class="text" tabindex="0">${frameLines(codeFrame)}</pre>`}
    ${
      stack.length > 0 &&
      markup`<ol class="stack">
        ${join(stack)}
      </ol>`
    }
    ${depth < DEEPEST && errors.slice(0, MOST).map((error) => failureView(error, depth + 1))}
    ${
      cause !== undefined &&
      depth < DEEPEST &&
      markup`<p class="muted">Caused by</p>
        ${failureView(cause, depth + 1)}`
    }
  </div>`;
}

/** The line that failed stands out. */
function frameLines(codeFrame: string): SafeHtml {
  const lines = codeFrame.split("\n").map((line) => (line.startsWith(">") ? markup`<b>${line}</b>` : markup`${line}`));
  return join(lines, "\n");
}
