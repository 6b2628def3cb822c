import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

export const features = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"] as const;

/** A penguin to learn from. */
export interface Sample {
  /** Measures, in the order of {@link features}. */
  readonly measures: readonly number[];
  readonly species: string;
}

const measure = z.number().nullable();
const rows = z.array(
  z.object({
    Species: z.string(),
    "Beak Length (mm)": measure,
    "Beak Depth (mm)": measure,
    "Flipper Length (mm)": measure,
    "Body Mass (g)": measure,
  }),
);

/** The penguins of the vega-datasets package that were measured whole: 342 of 344. */
export async function readPenguins(): Promise<Sample[]> {
  const packageEntry = createRequire(import.meta.url).resolve("vega-datasets");
  const table = rows.parse(JSON.parse(await readFile(join(dirname(packageEntry), "../data/penguins.json"), "utf8")));
  return table.flatMap((row) => {
    const measures = features.map((feature) => row[feature]).filter((value) => value !== null);
    return measures.length === features.length ? [{ species: row.Species, measures }] : [];
  });
}

/** Deals the samples into parts of the given shares, the same way each time for one seed. */
export function split(samples: readonly Sample[], share: number, seed: number): { readonly train: Sample[]; readonly test: Sample[] } {
  const random = randomNumbers(seed);
  const shuffled = samples
    .map((sample) => ({ sample, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ sample }) => sample);
  const cut = Math.round(shuffled.length * share);
  return { train: shuffled.slice(0, cut), test: shuffled.slice(cut) };
}

/** A small seeded generator of numbers from 0 up to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
