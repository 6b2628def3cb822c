// Draws the charts of a card, in the card's own page: no network, no eval, the colours of the page by day and by night.
import { loader, parse, View, type Loader, type Runtime, type Spec } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type Config as LiteConfig, type TopLevelSpec } from "vega-lite";
import { Tip } from "./tip.js";

/** One chart's place in the page, and what is drawn there. */
class Chart {
  readonly #place: HTMLElement;
  readonly #spec: object;
  readonly #problems = new Problems();
  #view: View | undefined;

  constructor(place: HTMLElement) {
    this.#place = place;
    this.#spec = JSON.parse(place.querySelector("script")?.textContent ?? "{}");
    place.textContent = "";
  }

  async draw(): Promise<void> {
    const canvas = document.createElement("div");
    try {
      this.#view?.finalize();
      this.#place.replaceChildren(canvas);
      const view = new View(this.#program(), {
        expr: expressionInterpreter,
        renderer: "svg",
        loader: offline(this.#problems),
        logger: this.#problems,
      });
      view.tooltip(new Tip().handler);
      this.#view = view.initialize(canvas).hover();
      await view.runAsync();
      this.#problems.check();
    } catch (error) {
      const problem = document.createElement("p");
      problem.className = "problem";
      problem.textContent = `This chart could not be drawn: ${error instanceof Error ? error.message : String(error)}`;
      this.#place.replaceChildren(problem);
    }
  }

  #program(): Runtime {
    const spec = this.#spec;
    if (isVega(spec)) return parse(spec, { ...colors(), range: { category: [...colors().range.category] } }, { ast: true });
    // What is one picture fills the card; facets and rows of charts have sizes of their own.
    const isSingle = "mark" in spec || "layer" in spec;
    const filling = isSingle
      ? { width: "container", height: Number(this.#place.dataset["height"]), autosize: { type: "fit", contains: "padding" } }
      : {};
    const whole = { ...filling, ...spec } as unknown as TopLevelSpec;
    return parse(compile(whole, { config: liteConfig(), logger: this.#problems }).spec, undefined, { ast: true });
  }
}

function isVega(spec: object): spec is Spec {
  const schema: unknown = Reflect.get(spec, "$schema");
  return typeof schema === "string" ? /\/vega\/v/.test(schema) : "marks" in spec;
}

/** A card stands alone: what its charts show is in the card. Vega goes on without data that it does not get, so this is noted. */
function offline(problems: Problems): Loader {
  const refusing = loader();
  refusing.load = (url: string) => {
    const error = new Error(`the card has no network for ${url}: put the data into the specification, { data: { values } }`);
    problems.error(error);
    return Promise.reject(error);
  };
  return refusing;
}

/** Keeps the first error that drawing tells of; warnings are for those who write charts, not for readers. */
class Problems {
  #first: string | undefined;

  check(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) throw new Error(first);
  }

  error(...messages: readonly unknown[]): this {
    this.#first ??= messages.map((message) => (message instanceof Error ? message.message : String(message))).join(" ");
    return this;
  }

  level(): number;
  level(value: number): this;
  level(value?: number): number | this {
    return value === undefined ? 0 : this;
  }

  readonly warn = (): this => this;
  readonly info = (): this => this;
  readonly debug = (): this => this;
}

/** The page's colours, as both languages take them. */
function colors() {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const text = { labelColor: color("--muted"), titleColor: color("--text"), labelFontSize: 11, titleFontSize: 12, titleFontWeight: 600 } as const;
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    background: "transparent",
    axis: { ...text, domainColor: color("--line"), tickColor: color("--line"), gridColor: color("--line"), gridOpacity: 0.7 },
    legend: text,
    title: { color: color("--text"), subtitleColor: color("--muted"), fontSize: 13, anchor: "start" },
    range: { category: isDark ? BY_NIGHT : BY_DAY },
  } as const;
}

/** What Vega-Lite's marks look like unless the chart says otherwise. */
function liteConfig(): LiteConfig {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const { range, ...shared } = colors();
  return {
    ...shared,
    range: { category: [...range.category] },
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: "transparent" },
    header: shared.legend,
    mark: { color: color("--chart"), tooltip: true },
    text: { color: color("--text") },
    rule: { color: color("--muted") },
  };
}

/** Colours that are told apart, also by the colour-blind, with enough contrast to the card. */
const BY_DAY = ["#3b6fd4", "#c9741a", "#2f8f5b", "#c23f38", "#7d55c7", "#1b8891", "#b3508c", "#757a27"];
const BY_NIGHT = ["#7aa5ff", "#f2b05e", "#6fcf97", "#f28b82", "#c8a2ff", "#5fd0d8", "#e8a5cf", "#b8bd7a"];

const charts = [...document.querySelectorAll<HTMLElement>(".vega")].map((place) => new Chart(place));

async function drawAll(): Promise<void> {
  for (const chart of charts) await chart.draw();
  document.documentElement.dataset["charts"] = "drawn";
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void drawAll());
void drawAll();
