import type { Colors } from "./colors.js";
import { formatCount, formatDuration } from "../core/quantity-text.js";
import type { OutputLine } from "./output-lines.js";
import { finishedTasks, hasOneTask, knownTasks, type RunProgress, type StepProgress } from "./run-progress.js";
import { safeLine } from "./safe-text.js";
import { taskName } from "./task-name.js";
import { padText, padTextStart, textWidth, truncateText } from "./text-width.js";

export interface LiveViewInputs {
  readonly progress: RunProgress;
  /** Lines that tasks have begun and not ended: progress bars. */
  readonly unfinished: readonly OutputLine[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Columns that a line may fill. */
  readonly columns: number;
  /** Lines that the view may fill. */
  readonly rows: number;
  readonly colors: Colors;
  /** Counts up from frame to frame, for the turning sign. */
  readonly frame: number;
}

/** Columns beyond which bars grow no more. */
const WIDEST = 100;
/** Columns of a bar: at most, where words make way for it, and at least. */
const WIDEST_BAR = 30;
const NARROW_BAR = 12;
const NARROWEST_BAR = 5;
const SEPARATOR = "  ";
/** Unfinished output lines shown. */
const MAX_UNFINISHED = 3;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** The live view of a run as lines, none wider than the terminal: a free line, head, steps, unfinished output. */
export function drawLiveView(inputs: LiveViewInputs): string[] {
  const columns = Math.max(10, Math.min(inputs.columns, WIDEST));
  const unfinished = inputs.unfinished.slice(-MAX_UNFINISHED);
  const rows = Math.max(1, inputs.rows - 2 - unfinished.length);
  return ["", drawHead(inputs, columns), ...drawSteps(inputs, columns, rows), ...unfinished.map((line) => drawUnfinished(line, columns, inputs))];
}

function drawHead({ progress, now, colors }: LiveViewInputs, columns: number): string {
  const { started, finished, steps } = progress;
  const startedAt = started?.time ?? now;
  const counts = { queued: 0, running: 0, done: 0, failed: 0, retrying: 0, reused: 0 };
  for (const step of steps.values()) for (const key of keysOf(counts)) counts[key] += step[key];
  const parts: Part[] = [
    { text: started?.pathspec ?? "starting", paint: colors.bold },
    { text: formatDuration(finished?.durationMs ?? now - startedAt) },
    runningPart(counts.running, finished !== undefined, colors, counts.running > 0),
    queuedPart(counts.queued, finished !== undefined, colors),
    { text: `${formatCount(counts.done)} done`, paint: colors.green },
    { text: `${formatCount(counts.failed)} failed`, paint: colors.red, keep: counts.failed > 0 },
    { text: `${formatCount(counts.retrying)} to be tried again`, paint: colors.yellow, keep: counts.retrying > 0 },
    { text: `${formatCount(counts.reused)} reused`, paint: colors.blue, keep: counts.reused > 0 },
  ];
  return joinParts(parts, columns);
}

function drawSteps(inputs: LiveViewInputs, columns: number, rows: number): string[] {
  const steps = [...inputs.progress.steps.values()];
  const nameWidth = Math.min(Math.max(0, ...steps.map((step) => textWidth(step.name))), Math.max(8, Math.floor(columns / 3)));
  const shown = chooseSteps(steps, rows);
  const lines = shown.map((step) => drawStep(step, nameWidth, columns, inputs));
  const hidden = steps.length - shown.length;
  return hidden > 0 ? [...lines, inputs.colors.gray(truncateText(`  and ${hidden} steps more`, columns))] : lines;
}

/** With more steps than lines, those at work are shown first, then those around them. */
function chooseSteps(steps: readonly StepProgress[], rows: number): readonly StepProgress[] {
  if (steps.length <= rows) return steps;
  const room = Math.max(1, rows - 1);
  const first = steps.findIndex((step) => step.running > 0 || step.queued > 0 || step.retrying > 0);
  const active = steps.filter((step) => step.running > 0 || step.queued > 0 || step.retrying > 0 || step.failed > 0);
  const chosen = new Set(active.slice(0, room));
  for (let index = Math.max(0, first - 2); index < steps.length && chosen.size < room; index++) {
    const step = steps[index];
    if (step !== undefined) chosen.add(step);
  }
  return steps.filter((step) => chosen.has(step));
}

function drawStep(step: StepProgress, nameWidth: number, columns: number, { now, colors, frame, progress }: LiveViewInputs): string {
  const total = knownTasks(step);
  const finished = finishedTasks(step);
  const { sign, paint } = stepSign(step, frame, progress.finished !== undefined, colors);
  const name = padText(truncateText(step.name, nameWidth), nameWidth);
  const time =
    step.startedAt === undefined ? "" : formatDuration((step.running > 0 || step.endedAt === undefined ? now : step.endedAt) - step.startedAt);
  const count: Part[] = total > 1 ? [{ text: `${padTextStart(formatCount(finished), formatCount(total).length)}/${formatCount(total)}` }] : [];
  const parts: Part[] = [
    ...count,
    { text: `${formatCount(step.failed)} failed`, paint: colors.red, keep: step.failed > 0 },
    runningPart(step.running, progress.finished !== undefined, colors, total > 1 && step.running > 0),
    queuedPart(step.queued, progress.finished !== undefined, colors),
    { text: `${formatCount(step.retrying)} to be tried again`, paint: colors.yellow, keep: step.retrying > 0 },
    { text: total > 1 ? `${formatCount(step.reused)} reused` : "reused", paint: colors.blue, keep: step.reused > 0 },
    { text: time, paint: colors.gray, keep: time !== "" },
  ];
  const room = columns - 2 - nameWidth - 2;
  const shownName = total === 0 ? colors.gray(name) : name;
  const barWidth = total > 1 ? chooseBarWidth(room, partsWidth(parts), partsWidth(count)) : 0;
  const bar = barWidth === 0 ? "" : `${drawBar(step, total, barWidth, colors)}  `;
  return `${paint(sign)} ${shownName}  ${bar}${joinParts(parts, room - (barWidth === 0 ? 0 : barWidth + 2))}`.trimEnd();
}

/** The bar takes what the words leave; on narrow terminals the words after the count make way for it. 0: no room at all. */
function chooseBarWidth(room: number, allParts: number, count: number): number {
  const width = Math.min(WIDEST_BAR, Math.max(room - allParts - 2, Math.min(NARROW_BAR, room - count - 2)));
  return width < NARROWEST_BAR ? 0 : width;
}

/** Tasks at work; once the run is over, those that were at work and were stopped. */
function runningPart(count: number, isOver: boolean, colors: Colors, keep: boolean): Part {
  return isOver
    ? { text: `${formatCount(count)} stopped`, paint: colors.yellow, keep }
    : { text: `${formatCount(count)} running`, paint: colors.cyan, keep };
}

/** Tasks that wait for a machine elsewhere. */
function queuedPart(count: number, isOver: boolean, colors: Colors): Part {
  return { text: `${formatCount(count)} waiting for a machine`, paint: colors.magenta, keep: count > 0 && !isOver };
}

function stepSign(step: StepProgress, frame: number, over: boolean, colors: Colors): { sign: string; paint: (text: string) => string } {
  const total = knownTasks(step);
  if (step.running > 0 && !over) return { sign: SPINNER[frame % SPINNER.length] ?? "", paint: colors.cyan };
  if (step.failed > 0) return { sign: "✗", paint: colors.red };
  if (step.retrying > 0) return { sign: "↻", paint: colors.yellow };
  if (step.queued > 0 && !over) return { sign: "…", paint: colors.magenta };
  if (total === 0) return { sign: "·", paint: colors.gray };
  if (finishedTasks(step) >= total) return { sign: "✓", paint: colors.green };
  return { sign: over ? "■" : "○", paint: colors.yellow };
}

/** A bar of so many columns: reused, done, failed, running, and what is to come. */
function drawBar(step: StepProgress, total: number, width: number, colors: Colors): string {
  let drawn = 0;
  let upTo = 0;
  const piece = (count: number, sign: string, paint: (text: string) => string): string => {
    upTo += count;
    const end = Math.min(width, Math.floor((upTo / total) * width));
    const text = sign.repeat(Math.max(0, end - drawn));
    drawn = Math.max(drawn, end);
    return text === "" ? "" : paint(text);
  };
  const bar =
    piece(step.reused, "━", colors.blue) +
    piece(step.done, "━", colors.green) +
    piece(step.failed, "━", colors.red) +
    piece(step.running, "╌", colors.cyan);
  return bar + colors.gray("─".repeat(width - drawn));
}

function drawUnfinished({ task, text }: OutputLine, columns: number, { colors, progress }: LiveViewInputs): string {
  const name = truncateText(taskName(task, hasOneTask(progress, task.step)), Math.max(6, Math.floor(columns / 3)));
  // Cut to the terminal's width, which colours would get in the way of.
  const plain = safeLine(text).replace(STYLE, "");
  return `${colors.gray(`${name} │`)} ${truncateText(plain, columns - textWidth(name) - 3)}`;
}

const STYLE = /\u001b\[[0-9;:]*m/g;

/** A word or two of a line; `keep: false` leaves it out. */
interface Part {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly keep?: boolean;
}

/** Joins as many of the parts as fit, in order. */
function joinParts(parts: readonly Part[], columns: number): string {
  let width = 0;
  const shown: string[] = [];
  for (const { text, paint, keep } of parts) {
    if (keep === false) continue;
    const needed = textWidth(text) + (shown.length === 0 ? 0 : SEPARATOR.length);
    if (width + needed > columns) {
      if (shown.length > 0) continue;
      shown.push(truncateText(text, columns));
      break;
    }
    width += needed;
    shown.push(paint === undefined ? text : paint(text));
  }
  return shown.join(SEPARATOR);
}

function partsWidth(parts: readonly Part[]): number {
  const texts = parts.filter(({ keep }) => keep !== false).map(({ text }) => textWidth(text));
  return texts.reduce((sum, width) => sum + width, 0) + SEPARATOR.length * Math.max(0, texts.length - 1);
}

function keysOf<K extends string>(value: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(value) as K[];
}
