import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowSpec, parameter, step } from "millrace";
import { z } from "zod";
import { readStrikes, toCsv, type Strike } from "./strikes.js";

/** Reads a table, keeps the rows that matter, counts them, and writes them to a file. */
export default class FilterDataFlow extends FlowSpec {
  size = parameter({ schema: z.enum(["Small", "Medium", "Large"]), default: "Large", help: "Size of the animal" });
  minCost = parameter({ default: 10_000, help: "Least total cost, in dollars" });
  output = parameter({ default: () => join(import.meta.dirname, "output"), help: "Folder of the result" });

  strikes!: Strike[];
  relevant!: Strike[];
  /** Species and how often each was struck, most often first. */
  species!: [name: string, count: number][];

  @step async start() {
    this.strikes = await readStrikes();
    console.log(`read ${this.strikes.length} strikes`);
    this.next(this.filter);
  }

  @step filter() {
    this.relevant = this.strikes.filter(({ size, costDollars }) => size === this.size && costDollars >= this.minCost);
    if (this.relevant.length === 0) throw new Error(`No strike of a ${this.size} animal cost ${this.minCost} dollars or more`);
    this.next(this.summarise);
  }

  @step summarise() {
    const counts = new Map<string, number>();
    for (const { species } of this.relevant) counts.set(species, (counts.get(species) ?? 0) + 1);
    this.species = [...counts].sort(([, a], [, b]) => b - a);
    this.next(this.save);
  }

  @step async save() {
    await mkdir(this.output, { recursive: true });
    const file = join(this.output, "strikes.csv");
    await writeFile(file, toCsv(this.relevant));
    console.log(`wrote ${this.relevant.length} strikes to ${file}`);
    this.next(this.end);
  }

  @step end() {
    for (const [species, count] of this.species.slice(0, 5)) console.log(`${count} × ${species}`);
  }
}
