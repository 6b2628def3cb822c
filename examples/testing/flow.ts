import { catchError, FlowSpec, parameter, retry, step, timeout, type Inputs } from "millrace";
import { fetchRate } from "./prices.js";

interface Order {
  readonly currency: string;
  readonly amount: number;
}

/** Adds up orders in several currencies, and asks for the rates side by side. */
export default class OrdersFlow extends FlowSpec {
  orders = parameter({ type: "json", default: [{ currency: "USD", amount: 100 }] as Order[], help: "What was ordered" });
  fee = parameter({ default: 0, help: "Taken off each order, in euros" });

  euros!: number;
  problem: Error | undefined;
  total!: number;
  missing!: number;

  @step start() {
    this.next(this.convert, { foreach: this.orders, label: ({ currency }) => currency });
  }

  @step
  @retry({ times: 2, delay: "30s" })
  @timeout("1m")
  @catchError({ var: "problem" })
  async convert(order: Order) {
    if (order.amount < 0) throw new RangeError(`an order of ${order.amount} ${order.currency}`);
    this.euros = order.amount * (await fetchRate(order.currency)) - this.fee;
    this.next(this.sum);
  }

  @step sum(inputs: Inputs<this>) {
    const converted = inputs.filter((input) => input.problem === undefined);
    this.total = converted.reduce((sum, input) => sum + input.euros, 0);
    this.missing = inputs.length - converted.length;
    this.next(this.end);
  }

  @step end() {
    console.log(`${this.total.toFixed(2)} EUR`);
  }
}
