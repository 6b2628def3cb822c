import { expect, test } from "vitest";
import { LiveRegion } from "../../src/terminal/live-region.js";
import { Screen } from "./screen.js";

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
