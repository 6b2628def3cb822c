import { formatBytes, formatCount } from "../../core/quantity-text.js";
import { markup, join, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { briefText, dateText } from "./brief-text.js";
import { formatNumber } from "./number-text.js";

/** A value as a tree that opens level by level. */
export function treeView(value: unknown): SafeHtml {
  return markup`<div class="tree">${new TreeDrawing().node(undefined, value, 0)}</div>`;
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
}

class TreeDrawing {
  #nodes = 0;
  readonly #open = new Set<object>();

  node(name: string | undefined, value: unknown, level: number): SafeHtml {
    this.#nodes++;
    const label = name === undefined ? undefined : markup`<span class="key">${shortName(name)}</span> `;
    if (typeof value !== "object" || value === null) return markup`<div class="leaf">${label}${leafText(value)}</div>`;
    const contents = contentsOf(value);
    if (contents === undefined) return markup`<div class="leaf">${label}${leafText(value)}</div>`;
    const { kind, size, entries } = contents;
    if (size === 0) return markup`<div class="leaf">${label}<span class="muted">${kind}, empty</span></div>`;
    if (this.#open.has(value)) return markup`<div class="leaf">${label}<span class="muted">${kind}, which this stands in</span></div>`;
    if (level >= limits.treeLevels || this.#nodes > limits.treeNodes) {
      return markup`<div class="leaf">${label}<span class="muted">${kind}, ${formatCount(size)} inside, not shown</span></div>`;
    }
    this.#open.add(value);
    const shown = entries(limits.treeEntries).map((entry) => this.node(entry.name, entry.value, level + 1));
    this.#open.delete(value);
    const rest = size > shown.length ? markup`<div class="leaf muted">… ${formatCount(size - shown.length)} more</div>` : undefined;
    return markup`<details${level < 2 && markup` open`}>
      <summary>${label}<span class="muted">${kind}, ${formatCount(size)}</span></summary>
      <div class="branch">${join(shown)}${rest}</div>
    </details>`;
  }
}

interface Contents {
  readonly kind: string;
  readonly size: number;
  entries(most: number): readonly Entry[];
}

/** What is inside a value; undefined when it is shown as one thing. */
function contentsOf(value: object): Contents | undefined {
  if (Array.isArray(value)) return listContents("list", value);
  if (value instanceof Map) {
    const entries = (most: number): Entry[] =>
      [...value.entries()].slice(0, most).map(([key, item]) => ({ name: typeof key === "string" ? key : briefText(key, 60), value: item }));
    return { kind: "Map", size: value.size, entries };
  }
  if (value instanceof Set) return listContents("Set", [...value]);
  if (value instanceof Date || value instanceof RegExp || value instanceof Error || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return undefined;
  }
  const names = Object.keys(value);
  const entries = (most: number): Entry[] => names.slice(0, most).map((name) => ({ name, value: ownValue(value, name) }));
  return { kind: className(value), size: names.length, entries };
}

function listContents(kind: string, items: readonly unknown[]): Contents {
  const entries = (most: number): Entry[] => items.slice(0, most).map((value, index) => ({ name: String(index), value }));
  return { kind, size: items.length, entries };
}

/** Without running a getter. */
function ownValue(owner: object, name: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  return descriptor !== undefined && "value" in descriptor ? descriptor.value : "(computed)";
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return "object";
  const { constructor } = prototype;
  return typeof constructor !== "function" || constructor.name === "" || constructor.name === "Object" ? "object" : constructor.name;
}

/** One thing that has no parts worth opening. */
export function leafText(value: unknown): SafeHtml {
  switch (typeof value) {
    case "string":
      return textValue(value);
    case "number":
      return markup`<span class="v-number">${formatNumber(value, 15)}</span>`;
    case "bigint":
      return markup`<span class="v-number">${formatNumber(value)}n</span>`;
    case "boolean":
    case "undefined":
      return markup`<span class="v-word">${String(value)}</span>`;
    default:
      return objectText(value);
  }
}

function objectText(value: unknown): SafeHtml {
  if (value === null) return markup`<span class="v-word">null</span>`;
  if (value instanceof Date) return markup`<span class="v-word">${dateText(value)}</span>`;
  if (value instanceof Error) return markup`<span class="v-error">${value.name}: ${cut(value.message)}</span>`;
  if (ArrayBuffer.isView(value)) return bytesText(className(value), value.byteLength, value.byteLength / elementBytes(value));
  if (value instanceof ArrayBuffer) return bytesText("ArrayBuffer", value.byteLength, undefined);
  return markup`<code>${briefText(value, limits.cellCharacters)}</code>`;
}

function elementBytes(view: ArrayBufferView): number {
  return "BYTES_PER_ELEMENT" in view && typeof view.BYTES_PER_ELEMENT === "number" ? view.BYTES_PER_ELEMENT : 1;
}

function bytesText(kind: string, bytes: number, elements: number | undefined): SafeHtml {
  return markup`<span class="muted"
    >${kind}, ${elements !== undefined && elements !== bytes && `${formatCount(elements)} elements, `}${formatBytes(bytes)}</span
  >`;
}

/** Texts of several lines keep them. */
function textValue(text: string): SafeHtml {
  if (!text.includes("\n") && text.length <= limits.cellCharacters) return markup`<span class="v-text">${text === "" ? "“”" : text}</span>`;
  return markup`<pre class="text" tabindex="0">${cut(text)}</pre>`;
}

function cut(text: string): string {
  const most = limits.textCharacters;
  return text.length > most ? `${text.slice(0, most)}\n… ${formatCount(text.length - most)} more characters` : text;
}

const NAME_CHARACTERS = 100;

function shortName(name: string): string {
  return name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS)}…` : name;
}
