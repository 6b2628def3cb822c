import { load } from "cheerio";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layOut } from "../../src/cards/graph/layout.js";
import { graphPicture } from "../../src/cards/graph/picture.js";
import type { Graph } from "../../src/core/graph.js";
import { graphOf } from "./sample-card.js";

function layersOf(graph: Graph): Record<string, number> {
  return Object.fromEntries([...layOut(graph).places].map(([name, { layer }]) => [name, layer]));
}

/** Any graph: steps in a row, further edges in both directions. */
const anyGraph = fc.integer({ min: 1, max: 25 }).chain((count) =>
  fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 }).map((extra) => {
    const next = Array.from({ length: count }, (_, index) => new Set(index + 1 < count ? [index + 1] : []));
    for (const [from, to] of extra) next[from]?.add(to);
    const nameOf = (index: number): string => (index === 0 ? "start" : `s${index}`);
    return graphOf(Object.fromEntries(next.map((targets, index) => [nameOf(index), [...targets].map(nameOf)])));
  }),
);

describe("a graph's layout", () => {
  test("puts branches beside each other and joins behind them", () => {
    const diamond = graphOf({ start: ["a", "b"], a: ["join"], b: ["join"], join: ["end"], end: [] });
    expect(layersOf(diamond)).toEqual({ start: 0, a: 1, b: 1, join: 2, end: 3 });
    const { places, slots } = layOut(diamond);
    expect([places.get("a")?.slot, places.get("b")?.slot, places.get("start")?.slot]).toEqual([-0.5, 0.5, 0]);
    expect(slots).toEqual([-0.5, 0.5]);
  });

  test("leads edges of loops back, and long edges around", () => {
    const loop = layOut(graphOf({ start: ["work"], work: ["check"], check: ["work", "end"], end: [] }));
    expect(loop.edges.filter(({ back }) => back).map(({ from, to }) => `${from} ${to}`)).toEqual(["check work"]);
    const long = layOut(graphOf({ start: ["a", "end"], a: ["b"], b: ["end"], end: [] }));
    expect(long.edges.find(({ from, to }) => from === "start" && to === "end")?.via.map(({ layer }) => layer)).toEqual([1, 2]);
  });

  test("of any graph leads forward, gives every step a place of its own, and every edge", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const { places, edges } = layOut(graph);
        expect([...places.keys()].toSorted()).toEqual(graph.steps.map(({ name }) => name).toSorted());
        for (const { from, to, back } of edges) {
          if (!back) expect(places.get(to)?.layer).toBeGreaterThan(places.get(from)?.layer ?? Number.NaN);
        }
        expect(edges).toHaveLength(graph.steps.reduce((sum, { next }) => sum + next.length, 0));
        const seats = [...places.values()].map(({ layer, slot }) => ({ layer, slot }));
        for (const [index, one] of seats.entries()) {
          for (const other of seats.slice(index + 1)) {
            if (one.layer === other.layer) expect(Math.abs(one.slot - other.slot)).toBeGreaterThan(0.999);
          }
        }
      }),
    );
  });
});

describe("a graph's picture", () => {
  test("of any graph keeps within its bounds", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const $ = load(graphPicture(graph, "start").text);
        const [width, height] = [Number($("svg").attr("width")), Number($("svg").attr("height"))];
        for (const rect of $("rect").toArray()) {
          const [x, y, w, h] = ["x", "y", "width", "height"].map((name) => Number(rect.attribs[name]));
          expect([x, y].every((value) => Number(value) >= 0)).toBe(true);
          expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
          expect(Number(y) + Number(h)).toBeLessThanOrEqual(height);
        }
        expect($("text")).toHaveLength(graph.steps.length);
        expect($.html()).not.toContain("NaN");
      }),
      { numRuns: 50 },
    );
  });

  test("marks the step, stacks what runs once an item, and runs down the page when it is long", () => {
    const $ = load(graphPicture(graphOf({ start: ["each"], each: ["join"], join: ["end"], end: [] }, { start: "foreach" }), "join").text);
    expect($(".marked text").text()).toBe("join");
    expect($(".behind")).toHaveLength(1);
    const row = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [index === 0 ? "start" : `s${index}`, index < 11 ? [`s${index + 1}`] : []]),
    );
    const long = load(graphPicture(graphOf(row), "start").text);
    expect(Number(long("svg").attr("height"))).toBeGreaterThan(Number(long("svg").attr("width")));
  });

  test("of a flow with a thousand steps is told in words", () => {
    const row = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`s${index}`, index < 999 ? [`s${index + 1}`] : []]));
    expect(graphPicture(graphOf(row), "s5").text).toContain("1000 steps");
  });
});
