import { card, current, FlowSpec, step, type Inputs } from "millrace";
import { Markdown, ProgressBar, Table, ValueBox, VegaChart } from "millrace/cards";
import { mean, readWeather, type Day } from "./weather.js";

/** Looks at four years of weather, a year a task, and reports what it found. */
export default class CardsFlow extends FlowSpec {
  days!: Day[];
  year!: string;
  warmest!: Day | undefined;
  summary!: { year: string; rainyDays: number; meanMax: number };
  summaries!: { year: string; rainyDays: number; meanMax: number }[];

  // The default card: nothing to write.
  @card @step async start() {
    this.days = await readWeather();
    console.log(`${this.days.length} days from ${this.days[0]?.date} to ${this.days.at(-1)?.date}`);
    const years = [...new Set(this.days.map(({ date }) => date.slice(0, 4)))];
    this.next(this.lookAt, { foreach: years, label: (year) => year });
  }

  // A report of its own, refreshed while the step works.
  @card({ title: "A year of weather", refreshInterval: "1s" }) @step async lookAt(year: string) {
    const days = this.days.filter(({ date }) => date.startsWith(year));
    const progress = new ProgressBar({ max: days.length, label: `Days of ${year}`, unit: "days" });
    const chart = new VegaChart(temperatures, { title: "Temperatures, by the week" });
    current.card.append(progress, chart);

    const seen: Day[] = [];
    for (const day of days) {
      seen.push(day);
      progress.update(seen.length);
      if (seen.length % 30 === 0) {
        chart.updateData(seen);
        current.card.refresh();
      }
    }
    chart.updateData(seen);

    this.year = year;
    this.warmest = days.toSorted((a, b) => b.temp_max - a.temp_max)[0];
    this.summary = { year, rainyDays: days.filter(({ precipitation }) => precipitation > 0).length, meanMax: mean(days.map((day) => day.temp_max)) };
    current.card.append(
      new ValueBox({ title: "Warmest day", value: this.warmest?.temp_max ?? 0, unit: "°C", note: this.warmest?.date ?? "" }),
      new ValueBox({ title: "Days with rain", value: this.summary.rainyDays, note: `of ${days.length}` }),
    );
    this.next(this.compare);
  }

  // Two cards: one to look at, one to send around.
  @card @card({ id: "report", type: "blank", title: "Seattle's weather" }) @step compare(inputs: Inputs<this>) {
    this.summaries = inputs.map(({ summary }) => summary);
    const wettest = this.summaries.toSorted((a, b) => b.rainyDays - a.rainyDays)[0];
    current.card.get("report").append(
      new Markdown(`It rained most in **${wettest?.year}**: on ${wettest?.rainyDays} days. *Mean max* is the mean of the days' warmest hours.`),
      new Table(this.summaries, { columns: ["year", "rainyDays", "meanMax"] }),
      new VegaChart({
        data: { values: this.summaries },
        mark: "bar",
        encoding: { x: { field: "year", type: "nominal", axis: { labelAngle: 0 } }, y: { field: "rainyDays", type: "quantitative" } },
      }),
    );
    this.next(this.end);
  }

  @step end() {}
}

const temperatures = {
  data: { values: [] },
  mark: { type: "area", opacity: 0.6, line: true },
  encoding: {
    x: { timeUnit: "yearweek", field: "date", type: "temporal", title: null },
    y: { aggregate: "mean", field: "temp_min", type: "quantitative", title: "°C" },
    y2: { aggregate: "mean", field: "temp_max" },
  },
};
