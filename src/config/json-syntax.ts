/** Where a text stops being JSON, and why. */
export interface JsonSyntaxError {
  /** Characters before the place. */
  readonly offset: number;
  readonly reason: string;
}

/**
 * Finds the first place where a text is not JSON; undefined when it is. `JSON.parse` tells no position on some
 * versions of Node, so this is asked once it has refused.
 */
export function findJsonError(text: string): JsonSyntaxError | undefined {
  const reader = new JsonReader(text);
  try {
    reader.document();
    return undefined;
  } catch (error) {
    if (error instanceof JsonStop) return { offset: error.offset, reason: error.message };
    throw error;
  }
}

class JsonStop extends Error {
  constructor(
    readonly offset: number,
    reason: string,
  ) {
    super(reason);
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

class JsonReader {
  #offset = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    if (this.#peek() !== "") this.#stop("there is more text after the value");
  }

  #value(): void {
    const next = this.#peek();
    if (next === "{") this.#members("}", () => this.#member());
    else if (next === "[") this.#members("]", () => this.#value());
    else if (next === '"') this.#string();
    else if (!this.#take(SCALAR)) this.#stop(next === "" ? "the text ends where a value should stand" : "a value should stand here");
  }

  #member(): void {
    if (this.#peek() !== '"') this.#stop("a name in double quotes should stand here");
    this.#string();
    if (this.#peek() !== ":") this.#stop("a colon should stand here");
    this.#offset++;
    this.#value();
  }

  #members(close: "}" | "]", member: () => void): void {
    this.#offset++;
    if (this.#peek() === close) {
      this.#offset++;
      return;
    }
    for (;;) {
      member();
      const next = this.#peek();
      if (next !== "," && next !== close) this.#stop(`a comma or ${close} should stand here`);
      this.#offset++;
      if (next === close) return;
      if (this.#peek() === close) this.#stop("a comma stands after the last entry");
    }
  }

  #string(): void {
    if (!this.#take(STRING)) this.#stop("this text in quotes does not end, or holds a character that JSON writes as an escape");
  }

  /** The next character after white space; empty at the end. */
  #peek(): string {
    this.#take(SPACE);
    return this.#text.charAt(this.#offset);
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.#offset += match[0].length;
    return true;
  }

  #stop(reason: string): never {
    throw new JsonStop(this.#offset, reason);
  }
}
