import type { LiveTerminal } from "../../src/terminal/live-reporter.js";

/** A terminal as far as the region speaks to it: lines, cursor, erasing; it breaks lines again when its width changes. */
export class Screen implements LiveTerminal {
  rows = 20;
  lines: string[] = [""];
  row = 0;
  writes = 0;

  constructor(public columns: number) {}

  write(text: string): void {
    this.writes++;
    for (const [part] of text.matchAll(/\u001b\[(\?)?(\d*)([A-Za-z])|\n|[^\u001b\n]+/g)) {
      const command = /^\u001b\[(\?)?(\d*)([A-Za-z])$/.exec(part);
      if (part === "\n") {
        this.row++;
        this.lines[this.row] ??= "";
      } else if (command === null) this.lines[this.row] = (this.lines[this.row] ?? "") + part;
      else if (command[1] === undefined) this.#command(command[3] ?? "", Number(command[2] === "" ? 1 : command[2]));
    }
  }

  #command(name: string, count: number): void {
    if (name === "A") this.row = Math.max(0, this.row - count);
    else if (name === "B") this.row += count;
    // Without a number it erases behind the cursor, which here is the line's end.
    else if (name === "K") this.lines[this.row] = count === 2 ? "" : (this.lines[this.row] ?? "");
    else if (name !== "G" && name !== "m") throw new Error(`the screen knows no ${name}`);
  }

  /** What a terminal does to the lines above the cursor when it becomes narrower. */
  narrow(columns: number): void {
    this.columns = columns;
    const above = this.lines.slice(0, this.row).flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "g")) ?? [""]);
    this.lines = [...above, ...this.lines.slice(this.row)];
    this.row = above.length;
  }

  #onResize: (() => void) | undefined;

  on(_event: "resize", listener: () => void): void {
    this.#onResize = listener;
  }

  off(): void {
    this.#onResize = undefined;
  }

  get hasListeners(): boolean {
    return this.#onResize !== undefined;
  }

  /** What stands on it, without empty lines. */
  get shown(): string[] {
    return this.lines.filter((line) => line !== "");
  }
}
