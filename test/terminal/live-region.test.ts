import { expect, test } from "vitest";
import { LiveRegion, type Terminal } from "../../src/terminal/live-region.js";

/** A terminal as far as the region speaks to it: lines, cursor, erasing; it breaks lines again when its width changes. */
class Screen implements Terminal {
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

  get shown(): string[] {
    return this.lines.filter((line) => line !== "");
  }
}

test("draws over what it drew, with finished text above", () => {
  const screen = new Screen(40);
  const region = new LiveRegion(screen);
  region.draw("", ["head", "one"]);
  region.draw("printed 1\nprinted 2\n", ["head", "two"]);
  region.draw("printed 3\n", ["head", "three", "four"]);
  region.draw("", ["head", "five"]);
  region.end();
  expect(screen.shown).toEqual(["printed 1", "printed 2", "printed 3", "head", "five"]);
});

test("a frame is one write, and nothing is written when nothing changed", () => {
  const screen = new Screen(40);
  const region = new LiveRegion(screen);
  region.draw("text\n", ["a", "b"]);
  expect(screen.writes).toBe(1);
  region.draw("", ["a", "b"]);
  expect(screen.writes).toBe(1);
  region.draw("more\n", ["a", "b"]);
  expect(screen.writes).toBe(2);
});

test("more text at once than the terminal has rows is all kept", () => {
  const screen = new Screen(40);
  const region = new LiveRegion(screen);
  region.draw("", ["view"]);
  const many = Array.from({ length: 100 }, (_, index) => `line ${index}`);
  region.draw(`${many.join("\n")}\n`, ["view"]);
  expect(screen.shown).toEqual([...many, "view"]);
});

test("leaves nothing behind when the terminal becomes narrower", () => {
  const screen = new Screen(40);
  const region = new LiveRegion(screen);
  region.draw("", ["x".repeat(39), "short", "y".repeat(30)]);
  screen.narrow(20);
  region.resized();
  region.draw("", ["narrow", "view"]);
  region.end();
  expect(screen.shown).toEqual(["narrow", "view"]);
});
