import { Writable } from "node:stream";
import { createLogUpdate } from "log-update";
import { textWidth } from "./text-width.js";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const ERASE_LINE_UP = "\u001b[2K\u001b[1A";

/** A terminal: what is written and how large it is. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Lines at the foot of a terminal that are drawn again and again, with finished text scrolling away above them. */
export class LiveRegion {
  readonly #buffer: FrameBuffer;
  readonly #update: ReturnType<typeof createLogUpdate>;
  #drawn: readonly string[] = [];
  #hidden = false;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#buffer = new FrameBuffer(terminal);
    // The cursor is shown and hidden here, so that each frame is one write.
    this.#update = createLogUpdate(this.#buffer, { showCursor: true });
  }

  /** Writes text above, whole lines, and draws the region anew below it. */
  draw(above: string, lines: readonly string[]): void {
    if (!this.#hidden) this.#buffer.write(HIDE_CURSOR);
    this.#hidden = true;
    if (above !== "") {
      this.#update.clear();
      this.#buffer.write(above);
    }
    this.#update(lines.join("\n"));
    this.#drawn = lines;
    this.#flush();
  }

  /** Leaves the lines as they are, and gives the terminal back. */
  end(): void {
    this.#update.done();
    this.#drawn = [];
    if (this.#hidden) this.#buffer.write(SHOW_CURSOR);
    this.#hidden = false;
    this.#flush();
  }

  /**
   * To be called when the terminal has become narrower: it has broken our lines, so they fill more rows than were
   * written. Steps over the surplus; the next draw erases the rest.
   */
  resized(): void {
    const columns = this.#terminal.columns ?? 80;
    const surplus = this.#drawn.reduce((sum, line) => sum + Math.max(0, Math.ceil(textWidth(line) / columns) - 1), 0);
    this.#buffer.write(ERASE_LINE_UP.repeat(surplus));
  }

  #flush(): void {
    const text = this.#buffer.take();
    if (text !== "") this.#terminal.write(text);
  }
}

/** Collects a frame's writes, so that they reach the terminal as one. */
class FrameBuffer extends Writable {
  #parts: string[] = [];
  readonly isTTY = true;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.columns ?? 80;
  }

  get rows(): number {
    return this.#terminal.rows ?? 24;
  }

  override _write(chunk: unknown, _encoding: string, callback: () => void): void {
    this.#parts.push(String(chunk));
    callback();
  }

  take(): string {
    const text = this.#parts.join("");
    this.#parts = [];
    return text;
  }
}
