import type { JsonObject, JsonValue } from "./json.js";

/** What stands in place of a secret's value. */
const MASK = "***";
/** Shorter values are not hidden: they would be found in everything. */
const SHORTEST = 4;
/** A line of a longer value is hidden for itself from this length on. */
const SHORTEST_LINE = 8;

/**
 * Hides secrets in what is shown or kept: their values as they are, line by line, and as JSON, HTML and URLs write them.
 */
export class SecretMask {
  readonly #forms: readonly string[];
  readonly #byteForms: readonly string[];

  constructor(values: readonly string[]) {
    this.#forms = [...new Set(values.flatMap(formsOf))];
    this.#byteForms = this.#forms.map(asLatin1);
  }

  /** The text with every secret replaced. */
  text(text: string): string {
    return hide(text, this.#forms);
  }

  /** Every text in it with every secret replaced. */
  json<T extends JsonValue | object>(value: T): T {
    return this.#json(value as JsonValue) as T;
  }

  #json(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#json(item));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value as JsonObject).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, this.#json(item)]));
  }

  /**
   * Pieces of one stream, each with what is left of it: a secret may go from one into the next.
   * @param gap The piece before which something was left out: what is left of a secret at its edges is hidden too.
   */
  pieces(pieces: readonly Uint8Array[], gap?: number): Uint8Array[] {
    const cuts = gap === undefined ? [pieces] : [pieces.slice(0, gap), pieces.slice(gap)];
    return cuts.flatMap((part, index) => {
      const text = part.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")).join("");
      const ranges = findAll(text, this.#byteForms);
      if (gap !== undefined) ranges.push(edge(text, this.#byteForms, index === 0 ? "end" : "start"));
      return withoutRanges(part, merge(ranges));
    });
  }

  /** Hides secrets in a text that comes in chunks. */
  stream(): MaskedStream {
    return new MaskedStream(this.#forms);
  }
}

/** A text that comes in chunks: what may be the beginning of a secret is held back until it is known. */
export class MaskedStream {
  readonly #forms: readonly string[];
  #held = "";

  constructor(forms: readonly string[]) {
    this.#forms = forms;
  }

  /** What can be shown by now. */
  push(chunk: string): string {
    const text = this.#held + chunk;
    const { start } = edge(text, this.#forms, "end");
    // A secret that is whole may reach over the place from where text is held back.
    const from = merge(findAll(text, this.#forms)).find((range) => range.start < start && range.end > start)?.start ?? start;
    this.#held = text.slice(from);
    return hide(text.slice(0, from), this.#forms);
  }

  /** The rest: nothing more comes. */
  end(): string {
    const rest = hide(this.#held, this.#forms);
    this.#held = "";
    return rest;
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function formsOf(value: string): string[] {
  const lines = value.includes("\n") ? value.split(/\r?\n/).map((line) => line.trim()) : [];
  const texts = [value, value.trim(), ...lines.filter((line) => line.length >= SHORTEST_LINE)].filter((text) => text.length >= SHORTEST);
  return texts.flatMap((text) => [text, inJson(text), inHtml(text), inUrl(text), inHtml(inJson(text))]);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

function inUrl(text: string): string {
  // By way of bytes, which have no half characters.
  return encodeURIComponent(Buffer.from(text).toString());
}

function asLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function hide(text: string, forms: readonly string[]): string {
  const ranges = merge(findAll(text, forms));
  if (ranges.length === 0) return text;
  let shown = "";
  let at = 0;
  for (const { start, end } of ranges) {
    shown += text.slice(at, start) + MASK;
    at = end;
  }
  return shown + text.slice(at);
}

function findAll(text: string, forms: readonly string[]): Range[] {
  const ranges: Range[] = [];
  for (const form of forms) {
    for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) ranges.push({ start, end: start + form.length });
  }
  return ranges;
}

/** Ranges that overlap as one, in order. */
function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || range.start >= last.end) merged.push(range);
    else if (range.end > last.end) merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}

/** The longest part of a form that the text ends or starts with, as if the rest were beyond; empty when there is none. */
function edge(text: string, forms: readonly string[], side: "start" | "end"): Range {
  let length = 0;
  for (const form of forms) {
    for (let size = Math.min(form.length - 1, text.length); size > length; size--) {
      if (side === "end" ? text.endsWith(form.slice(0, size)) : text.startsWith(form.slice(-size))) length = size;
    }
  }
  return side === "end" ? { start: text.length - length, end: text.length } : { start: 0, end: length };
}

/** Takes ranges, of all pieces one after another, out of the pieces; the mask stands where each begins. */
function withoutRanges(pieces: readonly Uint8Array[], ranges: readonly Range[]): Uint8Array[] {
  let offset = 0;
  return pieces.map((piece) => {
    const from = offset;
    const to = (offset += piece.length);
    const kept: Uint8Array[] = [];
    let at = from;
    for (const { start, end } of ranges) {
      if (end <= at || start >= to) continue;
      kept.push(piece.subarray(at - from, Math.max(at, start) - from));
      if (start >= from) kept.push(Buffer.from(MASK));
      at = Math.min(end, to);
    }
    if (at === from) return piece;
    kept.push(piece.subarray(at - from));
    return Buffer.concat(kept);
  });
}
