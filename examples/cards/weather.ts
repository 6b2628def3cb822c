import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { z } from "zod";

/** A day in Seattle. */
export interface Day {
  readonly date: string;
  /** Millimetres. */
  readonly precipitation: number;
  /** Degrees Celsius. */
  readonly temp_max: number;
  readonly temp_min: number;
  readonly weather: string;
}

const days = z.array(
  z.object({
    date: z.iso.date(),
    precipitation: z.coerce.number(),
    temp_max: z.coerce.number(),
    temp_min: z.coerce.number(),
    weather: z.string(),
  }),
);

/** The weather of Seattle, 2012 to 2015, from the vega-datasets package. */
export async function readWeather(): Promise<Day[]> {
  const packageEntry = createRequire(import.meta.url).resolve("vega-datasets");
  const text = await readFile(join(dirname(packageEntry), "../data/seattle-weather.csv"), "utf8");
  return days.parse(parse(text, { columns: true }));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
