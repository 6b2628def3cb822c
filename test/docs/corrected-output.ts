import { isGap, linePattern, lines } from "./expected-output.js";

/** What a document should show instead: its own lines where they are right, its `…`, and what was printed for the rest. */
export function correct(expected: string, printed: string): string {
  const shown = lines(expected);
  const actual = lines(printed);
  const result: string[] = [];
  let from = { shown: 0, actual: 0 };
  for (const pair of [...commonLines(shown, actual), { shown: shown.length, actual: actual.length }]) {
    const gap = shown.slice(from.shown, pair.shown).some(isGap);
    result.push(...(gap ? ["…"] : actual.slice(from.actual, pair.actual)), ...shown.slice(pair.shown, pair.shown + 1));
    from = { shown: pair.shown + 1, actual: pair.actual + 1 };
  }
  return result.map((line) => `${line}\n`).join("");
}

/** The longest series of shown lines that stand among the actual ones in the same order, as pairs of their places. */
function commonLines(shown: readonly string[], actual: readonly string[]): { readonly shown: number; readonly actual: number }[] {
  const patterns = shown.map((line) => (isGap(line) ? undefined : new RegExp(`^${linePattern(line)}$`, "u")));
  const fits = (i: number, j: number) => patterns[i]?.test(`${actual[j]}\n`) === true;
  // lengths[i][j]: how many lines the rests from i and from j have in common.
  const lengths = Array.from({ length: shown.length + 1 }, () => Array.from({ length: actual.length + 1 }, () => 0));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = shown.length - 1; i >= 0; i--) {
    for (let j = actual.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row !== undefined) row[j] = fits(i, j) ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: { shown: number; actual: number }[] = [];
  for (let i = 0, j = 0; i < shown.length && j < actual.length;) {
    if (fits(i, j)) pairs.push({ shown: i++, actual: j++ });
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
