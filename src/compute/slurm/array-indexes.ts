/** `0-3,7`: indexes as sbatch's `--array` and scancel write them. They come in rising order, each once. */
export function formatIndexes(indexes: readonly number[]): string {
  const ranges: string[] = [];
  for (let from = 0; from < indexes.length;) {
    let to = from;
    while (indexes[to + 1] === (indexes[to] ?? 0) + 1) to++;
    ranges.push(to === from ? `${indexes[from]}` : `${indexes[from]}-${indexes[to]}`);
    from = to + 1;
  }
  return ranges.join(",");
}

const RANGE = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/;

/** The indexes of an expression as squeue prints it for what waits: `0-3,7,10-20:5%4`. Undefined when it is none. */
export function parseIndexes(text: string): readonly number[] | undefined {
  const indexes: number[] = [];
  for (const part of text.replace(/%\d+$/, "").split(",")) {
    const match = RANGE.exec(part);
    if (match === null) return undefined;
    const [, first = "", last = first, step = "1"] = match;
    for (let index = Number(first); index <= Number(last); index += Math.max(1, Number(step))) indexes.push(index);
  }
  return indexes;
}
