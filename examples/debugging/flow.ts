import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowSpec, step, type Inputs } from "millrace";

interface Order {
  readonly id: number;
  readonly customer: { readonly name: string; readonly country: string };
  readonly amount: number;
}

/** Adds up orders by country, a month a task. One month breaks it: see README.md for the way out. */
export default class DebuggingFlow extends FlowSpec {
  month!: string;
  amounts!: Map<string, number>;
  totals!: Map<string, number>;

  @step start() {
    this.next(this.addUp, { foreach: ["january", "february", "march", "april"], label: (month) => month });
  }

  @step async addUp(month: string) {
    this.month = month;
    const orders: Order[] = JSON.parse(await readFile(join(import.meta.dirname, "data", `${month}.json`), "utf8"));
    console.log(`adding up ${orders.length} orders of ${month}`);
    this.amounts = new Map();
    for (const order of orders) {
      const country = order.customer.country;
      this.amounts.set(country, (this.amounts.get(country) ?? 0) + order.amount);
    }
    this.next(this.total);
  }

  @step total(inputs: Inputs<this>) {
    this.totals = new Map();
    for (const { amounts } of inputs) {
      for (const [country, amount] of amounts) this.totals.set(country, (this.totals.get(country) ?? 0) + amount);
    }
    this.next(this.end);
  }

  @step end() {
    for (const [country, amount] of this.totals) console.log(`${country} ${amount}`);
  }
}
