import type { RunStatus } from "../../core/records.js";
import { formatRelativeTime, plural } from "../../core/quantity-text.js";
import type { Explanation, TaskReason } from "../../history/task-reason.js";
import { failureInBrief } from "../../terminal/failure-text.js";
import { createColors, type Colors } from "../../terminal/colors.js";

export interface WhyTextInputs {
  readonly colors: Colors;
  readonly now: number;
}

/** Nobody knows, or it is not so, that it had run before. */
const FIRST_TIME: ReadonlySet<TaskReason["kind"]> = new Set(["no-origin", "not-begun", "after", "origin-gone"]);

/** Why a task ran or was reused, for people: what happened to it, then why. */
export function formatExplanation({ pathspec, task, reason }: Explanation, inputs: WhyTextInputs): string {
  const { colors } = inputs;
  const verb = task.status === "running" ? "is running" : "ran";
  const what = reason.kind === "reused" ? colors.blue("was reused") : colors.yellow(FIRST_TIME.has(reason.kind) ? verb : `${verb} again`);
  return `${colors.bold(pathspec)} ${what}\n${reasonLines(reason, inputs)
    .map((line) => `  ${line}\n`)
    .join("")}`;
}

function reasonLines(reason: TaskReason, inputs: WhyTextInputs): string[] {
  const { colors, now } = inputs;
  switch (reason.kind) {
    case "no-origin":
      return ["Its run goes on from no other one, so every task of it ran."];
    case "spun":
      return [`millrace spin ran ${reason.of} again, by itself.`];
    case "reused": {
      const { ranIn, step, task, finishedAt } = reason.from;
      const when = finishedAt === undefined ? "" : ` (${formatRelativeTime(finishedAt, now)})`;
      return [
        `${ranIn.pathspec}/${step}/${task} had finished it${when}, and nothing that it goes on from ran again.`,
        ...(reason.codeChanged ? ["The code has changed since. That does not matter: a resume asks what is done, not with which code."] : []),
        colors.gray(`millrace resume FLOW ${step} runs it again, and all after it.`),
      ];
    }
    case "told":
      return [`The resume was told to run ${reason.step} again, and all after it.`];
    case "after":
      return [...afterLines(reason), ...(reason.first === undefined ? [] : causeLines(reason.first, inputs))];
    case "failed":
      return [
        `${reason.before} failed${reason.attempts > 1 ? ` (${plural(reason.attempts, "attempt")})` : ""}${reason.failure === undefined ? "." : `: ${failureInBrief(reason.failure, colors)}`}`,
        colors.gray(`millrace logs ${reason.before} shows what it printed.`),
      ];
    case "cut-off":
      return [`${reason.before} was at work when its run ${endText(reason.status)}: it had not finished.`];
    case "not-begun":
      return [`${reason.before} is not on record: its run ${endText(reason.status)} before it came to that.`];
    case "damaged":
      return [`What ${reason.before} had done could not be read: ${reason.message}`];
    case "way-gone":
      return [`${reason.before} had finished, but it went on in a way that the code does not have any more.`];
    case "done-later":
      return [`${reason.before} is finished now, but was not, or could not be read, when this run began.`];
    case "origin-gone":
      return [`${reason.origin}, which its run goes on from, is not there any more.`];
  }
}

function afterLines({ tasks, count }: Extract<TaskReason, { readonly kind: "after" }>): string[] {
  const more = count > tasks.length ? ` and ${plural(count - tasks.length, "other")}` : "";
  return [`It goes on from ${tasks.join(", ")}${more}, which ran in this run.`];
}

/** Follows the chain to where it began. */
function causeLines({ pathspec, reason }: Explanation, inputs: WhyTextInputs): string[] {
  if (reason.kind === "after") return reason.first === undefined ? [] : causeLines(reason.first, inputs);
  return [`It began with ${inputs.colors.bold(pathspec)}:`, ...reasonLines(reason, inputs).map((line) => `  ${line}`)];
}

function endText(status: RunStatus): string {
  return { done: "ended", failed: "failed", interrupted: "was interrupted", lost: "was lost", running: "had got so far" }[status];
}

/** What `why --json` prints. */
export function explanationJson({ pathspec, task, reason }: Explanation): object {
  return { pathspec, status: task.status, reused: task.reused, reason: reasonJson(reason) };
}

function reasonJson(reason: TaskReason): object {
  const words = reasonLines(reason, { colors: createColors(false), now: Date.now() });
  switch (reason.kind) {
    case "reused": {
      const { ranIn, step, task } = reason.from;
      return { kind: reason.kind, from: `${ranIn.pathspec}/${step}/${task}`, codeChanged: reason.codeChanged, words };
    }
    case "after":
      return { ...reason, ...(reason.first !== undefined && { first: explanationJson(reason.first) }), words };
    default:
      return { ...reason, words };
  }
}
