import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";

/** A collision of an aircraft with an animal, as far as the flow needs it. */
export interface Strike {
  readonly date: string;
  readonly state: string;
  readonly species: string;
  readonly size: "Small" | "Medium" | "Large";
  readonly damage: string;
  readonly costDollars: number;
}

/** A line of the table: its columns are named and its numbers read here, once. */
const line = z
  .object({
    "Flight Date": z.iso.date(),
    "Origin State": z.string(),
    "Wildlife Species": z.string(),
    "Wildlife Size": z.enum(["Small", "Medium", "Large"]),
    "Effect Amount of damage": z.string(),
    "Cost Total $": z.coerce.number(),
  })
  .transform((row): Strike => ({
    date: row["Flight Date"],
    state: row["Origin State"],
    species: row["Wildlife Species"],
    size: row["Wildlife Size"],
    damage: row["Effect Amount of damage"],
    costDollars: row["Cost Total $"],
  }));

/** The table of bird strikes that the vega-datasets package ships: 10,000 rows. */
export async function readStrikes(): Promise<Strike[]> {
  const packageEntry = createRequire(import.meta.url).resolve("vega-datasets");
  const table = await readFile(join(dirname(packageEntry), "../data/birdstrikes.csv"), "utf8");
  return z.array(line).parse(parse(table, { columns: true }));
}

export function toCsv(strikes: readonly Strike[]): string {
  return stringify([...strikes], { header: true });
}
