import { array, assert, constant, constantFrom, letrec, nat, oneof, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import type { FlowDefinition, StepDefinition, TransitionSite } from "../../src/core/definition.js";
import type { Graph, GraphStep } from "../../src/core/graph.js";
import { buildGraph } from "../../src/graph/build-graph.js";
import { flowOf } from "./compiled-flow.js";

function graphOf(definition: FlowDefinition): Graph {
  const { graph, problems } = buildGraph(definition);
  expect(problems).toEqual([]);
  if (graph === undefined) throw new Error("no graph");
  return graph;
}

/** Each step in a line: what it does, what it takes and joins, which splits are open, whether it loops. */
function outline(body: string): readonly string[] {
  return graphOf(flowOf(body).definition).steps.map(lineOf);
}

function lineOf({ name, kind, next, takes, joins, splits, loops }: GraphStep): string {
  const notes = [
    takes === "nothing" ? "" : `takes ${takes}`,
    joins === undefined ? "" : `joins ${joins}`,
    splits.length === 0 ? "" : `in ${splits.join(">")}`,
  ];
  return [`${name}: ${kind} ${next.join(" ")}`.trim(), ...notes, loops ? "loops" : ""].filter((note) => note !== "").join(", ");
}

const go = (name: string, to: string, parameter = "") => `@step ${name}(${parameter}) { this.next(this.${to}); }`;
const fan = (name: string, to: string, parameter = "") => `@step ${name}(${parameter}) { this.next(this.${to}, { foreach: x }); }`;
const branch = (name: string, targets: readonly string[], parameter = "") =>
  `@step ${name}(${parameter}) { this.next(${targets.map((target) => `this.${target}`).join(", ")}); }`;
const choose = (name: string, targets: readonly string[], parameter = "") =>
  `@step ${name}(${parameter}) { ${targets.map((target) => `if (x) this.next(this.${target});`).join(" ")} }`;
const end = "@step end() {}";

describe("the graph of", () => {
  test.each<[what: string, body: readonly string[], lines: readonly string[]]>([
    ["steps in a row", [go("start", "a"), go("a", "end"), end], ["start: linear a", "a: linear end", "end: end"]],
    [
      "branches",
      [branch("start", ["a", "b"]), go("a", "j"), go("b", "j"), go("j", "end", "inputs"), end],
      ["start: split a b", "a: linear j, in start", "b: linear j, in start", "j: linear end, takes inputs, joins start", "end: end"],
    ],
    [
      "nested branches",
      [
        branch("start", ["a", "b"]),
        branch("a", ["c", "d"]),
        go("c", "i"),
        go("d", "i"),
        go("i", "j", "inputs"),
        go("b", "j"),
        go("j", "end", "inputs"),
        end,
      ],
      [
        "start: split a b",
        "a: split c d, in start",
        "c: linear i, in start>a",
        "d: linear i, in start>a",
        "i: linear j, takes inputs, joins a, in start",
        "b: linear j, in start",
        "j: linear end, takes inputs, joins start",
        "end: end",
      ],
    ],
    [
      "a foreach of several steps, in a foreach",
      [fan("start", "a"), fan("a", "b", "row"), go("b", "c", "cell"), go("c", "i"), go("i", "j", "inputs"), go("j", "end", "inputs"), end],
      [
        "start: foreach a",
        "a: foreach b, takes item, in start",
        "b: linear c, takes item, in start>a",
        "c: linear i, in start>a",
        "i: linear j, takes inputs, joins a, in start",
        "j: linear end, takes inputs, joins start",
        "end: end",
      ],
    ],
    [
      "a foreach whose step does not name its item",
      [fan("start", "a"), go("a", "j"), go("j", "end", "inputs"), end],
      ["start: foreach a", "a: linear j, in start", "j: linear end, takes inputs, joins start", "end: end"],
    ],
    [
      "a switch",
      [choose("start", ["a", "b", "end"]), go("a", "end"), go("b", "end"), end],
      ["start: switch a b end", "a: linear end", "b: linear end", "end: end"],
    ],
    [
      "a switch in a foreach, to the join and elsewhere",
      [fan("start", "a"), choose("a", ["j", "b"], "row"), go("b", "j"), go("j", "end", "inputs"), end],
      ["start: foreach a", "a: switch j b, takes item, in start", "b: linear j, in start", "j: linear end, takes inputs, joins start", "end: end"],
    ],
    [
      "a foreach in a switch",
      [choose("start", ["a", "end"]), fan("a", "b"), go("b", "j", "row"), go("j", "end", "inputs"), end],
      ["start: switch a end", "a: foreach b", "b: linear j, takes item, in a", "j: linear end, takes inputs, joins a", "end: end"],
    ],
    [
      "a branch in a switch",
      [choose("start", ["a", "end"]), branch("a", ["b", "c"]), go("b", "j"), go("c", "j"), go("j", "end", "inputs"), end],
      ["start: switch a end", "a: split b c", "b: linear j, in a", "c: linear j, in a", "j: linear end, takes inputs, joins a", "end: end"],
    ],
    [
      "a switch in a branch",
      [branch("start", ["a", "b"]), choose("a", ["c", "d"]), go("c", "j"), go("d", "j"), go("b", "j"), go("j", "end", "inputs"), end],
      [
        "start: split a b",
        "a: switch c d, in start",
        "c: linear j, in start",
        "d: linear j, in start",
        "b: linear j, in start",
        "j: linear end, takes inputs, joins start",
        "end: end",
      ],
    ],
    [
      "a loop to itself, and one back to start",
      [go("start", "a"), choose("a", ["a", "b"]), choose("b", ["start", "end"]), end],
      ["start: linear a, loops", "a: switch a b, loops", "b: switch start end, loops", "end: end"],
    ],
    [
      "a loop in a foreach",
      [fan("start", "a"), go("a", "b", "row"), choose("b", ["b", "j"]), go("j", "end", "inputs"), end],
      [
        "start: foreach a",
        "a: linear b, takes item, in start",
        "b: switch b j, in start, loops",
        "j: linear end, takes inputs, joins start",
        "end: end",
      ],
    ],
    [
      "a foreach's own step that loops",
      [fan("start", "a"), choose("a", ["a", "j"]), go("j", "end", "inputs"), end],
      ["start: foreach a", "a: switch a j, in start, loops", "j: linear end, takes inputs, joins start", "end: end"],
    ],
    [
      "a loop around a split",
      [go("start", "s"), branch("s", ["a", "b"]), go("a", "j"), go("b", "j"), choose("j", ["s", "end"], "inputs"), end],
      [
        "start: linear s",
        "s: split a b, loops",
        "a: linear j, in s, loops",
        "b: linear j, in s, loops",
        "j: switch s end, takes inputs, joins s, loops",
        "end: end",
      ],
    ],
    [
      "joins that fan out, branch and end the run",
      [
        fan("start", "a"),
        go("a", "j"),
        fan("j", "b", "inputs"),
        go("b", "k", "row"),
        branch("k", ["c", "d"], "inputs"),
        go("c", "end"),
        go("d", "end"),
        "@step end(inputs) {}",
      ],
      [
        "start: foreach a",
        "a: linear j, in start",
        "j: foreach b, takes inputs, joins start",
        "b: linear k, takes item, in j",
        "k: split c d, takes inputs, joins j",
        "c: linear end, in k",
        "d: linear end, in k",
        "end: end, takes inputs, joins k",
      ],
    ],
  ])("%s", (_, body, lines) => {
    expect(outline(body.join("\n"))).toEqual(lines);
  });
});

describe("what cannot reach a step", () => {
  const lostAt = (body: string, at: string) => graphOf(flowOf(body).definition).steps.find(({ name }) => name === at)?.lost;

  test("is told with the step that sets it and where it was lost", () => {
    const body = `@step start() { this.a = 1; this.next(this.left, this.right); }
      @step left() { this.b = 1; this.next(this.join); }
      @step right() { this.c = 1; this.next(this.join); }
      @step join(inputs) { this.b = 2; this.next(this.end); }
      @step end() { this.d = 1; }`;
    expect(lostAt(body, "start")).toEqual([
      { name: "b", setBy: "left" },
      { name: "c", setBy: "right" },
      { name: "d", setBy: "end" },
    ]);
    expect(lostAt(body, "left")).toEqual([
      { name: "c", setBy: "right" },
      { name: "d", setBy: "end" },
    ]);
    expect(lostAt(body, "join")).toEqual([
      { name: "a", setBy: "start", lostAt: "join" },
      { name: "b", setBy: "left", lostAt: "join", setHere: true },
      { name: "c", setBy: "right", lostAt: "join" },
      { name: "d", setBy: "end" },
    ]);
    expect(lostAt(body, "end")).toEqual([
      { name: "a", setBy: "start", lostAt: "join" },
      { name: "c", setBy: "right", lostAt: "join" },
    ]);
  });

  test("leaves out parameters, fields with a value, and what a join may merge", () => {
    const body = `alpha = parameter({ default: 1 }); kept = 1;
      @step start() { this.alpha = 2; this.kept = 2; this.x = 1; this.next(this.a, { foreach: x }); }
      @step a() { this.next(this.end); }
      @step end(inputs) { this.mergeArtifacts(inputs); }`;
    expect(lostAt(body, "end")).toEqual([]);
  });

  test("is told of steps that hand the flow on, whose reads the source does not show", () => {
    const body = `@step start() { this.x = 1; this.next(this.a, { foreach: x }); } @step a() { this.next(this.j); }
      @step j(inputs) { this.next(this.b); } @step b() { help(this); this.next(this.end); } @step end() {}`;
    expect(lostAt(body, "b")).toEqual([{ name: "x", setBy: "start", lostAt: "j" }]);
  });
});

test("--with catchError is for the steps that neither fan out nor choose", () => {
  const { definition } = flowOf(`${fan("start", "a")} ${go("a", "b")} ${choose("b", ["b", "j"])} ${go("j", "end", "inputs")} ${end}`);
  const caught = definition.steps.map((one) => ({ ...one, decorators: [{ name: "catchError", options: {}, from: "with" as const }] }));
  const { steps } = graphOf({ ...definition, steps: caught });
  expect(steps.filter(({ decorators }) => decorators.length > 0).map(({ name }) => name)).toEqual(["a", "j", "end"]);
});

/** A step of a definition made without source. */
function step(name: string, transitions: readonly TransitionSite[], more: Partial<StepDefinition> = {}): StepDefinition {
  return { name, arity: 0, decorators: [], transitions, sets: [], setAt: {}, reads: [], opaque: false, merges: [], ...more };
}

const next = (...targets: readonly string[]): TransitionSite => ({ kind: "next", targets });
const foreach = (target: string): TransitionSite => ({ kind: "foreach", targets: [target] });
const inputs = { arity: 1, parameterName: "inputs" };
const definitionOf = (steps: readonly StepDefinition[]): FlowDefinition => ({
  name: "Generated",
  parameters: [],
  steps,
  decorators: [],
  members: [],
});

/** Diamonds one after another: the number of paths doubles with each. */
function diamonds(count: number): FlowDefinition {
  const steps = [step("start", [next("s0")])];
  for (let i = 0; i < count; i++) {
    const after = i === count - 1 ? "end" : `s${i + 1}`;
    steps.push(
      step(`s${i}`, [next(`a${i}`, `b${i}`)], { sets: [`in${i}`] }),
      step(`a${i}`, [next(`j${i}`)], { sets: [`fromA${i}`], reads: [{ name: `in${i}` }] }),
      step(`b${i}`, [next(`j${i}`)], { sets: [`fromB${i}`] }),
      step(`j${i}`, [next(after)], { ...inputs, sets: [`out${i}`] }),
    );
  }
  return definitionOf([...steps, step("end", [])]);
}

test("the work grows as the flow does, not as the number of its paths", () => {
  const edges = (count: number): number => {
    const { problems, edgesFollowed } = buildGraph(diamonds(count));
    expect(problems).toEqual([]);
    return edgesFollowed;
  };
  expect([edges(10), edges(100), edges(1000)]).toEqual([10, 100, 1000].map((count) => count * 5 + 2));
});

test("a long flow does not overflow the stack", () => {
  const steps = Array.from({ length: 20_000 }, (_, i) => step(i === 0 ? "start" : `s${i}`, [next(i === 19_999 ? "end" : `s${i + 1}`)]));
  expect(graphOf(definitionOf([...steps, step("end", [])])).steps).toHaveLength(20_001);
});

describe("generated flows", () => {
  type Part =
    | { readonly kind: "step" | "loop" }
    | { readonly kind: "foreach"; readonly body: readonly Part[] }
    | { readonly kind: "branch" | "switch"; readonly bodies: readonly (readonly Part[])[] };

  const flows = letrec<{ parts: readonly Part[]; part: Part }>((tie) => ({
    parts: array(tie("part"), { minLength: 1, maxLength: 3, depthIdentifier: "parts" }),
    part: oneof(
      { maxDepth: 3, withCrossShrink: true },
      constant<Part>({ kind: "step" }),
      constant<Part>({ kind: "loop" }),
      record({ kind: constant("foreach" as const), body: tie("parts") }),
      record({ kind: constantFrom("branch" as const, "switch" as const), bodies: array(tie("parts"), { minLength: 2, maxLength: 3 }) }),
    ),
  }));

  /** Lays parts out as steps; gives the name that the first of them has, and what each step should turn out to be. */
  class Layout {
    readonly steps: StepDefinition[] = [];
    readonly expected = new Map<string, Pick<GraphStep, "takes" | "splits"> & { readonly joins?: string }>();

    add(parts: readonly Part[], after: string, splits: readonly string[]): string {
      return parts.reduceRight((follower, part) => this.#addPart(part, follower, splits), after);
    }

    #addPart(part: Part, after: string, splits: readonly string[]): string {
      const name = `s${this.expected.size}`;
      this.expected.set(name, { takes: "nothing", splits });
      switch (part.kind) {
        case "step":
          this.steps.push(step(name, [next(after)]));
          break;
        case "loop":
          this.steps.push(step(name, [next(name), next(after)]));
          break;
        case "switch":
          this.steps.push(
            step(
              name,
              [...new Set(part.bodies.map((body) => this.add(body, after, splits)))].map((target) => next(target)),
            ),
          );
          break;
        case "foreach": {
          const join = this.#addJoin(name, after, splits);
          this.steps.push(step(name, [foreach(this.add(part.body, join, [...splits, name]))]));
          break;
        }
        case "branch": {
          const join = this.#addJoin(name, after, splits);
          this.steps.push(step(name, [next(...part.bodies.map((body) => this.add(body, join, [...splits, name])))]));
        }
      }
      return name;
    }

    #addJoin(split: string, after: string, splits: readonly string[]): string {
      const name = `j${this.expected.size}`;
      this.expected.set(name, { takes: "inputs", splits, joins: split });
      this.steps.push(step(name, [next(after)], inputs));
      return name;
    }
  }

  test("that nest as they should have no problems, and every join its split", () => {
    assert(
      property(flows.parts, (body) => {
        const layout = new Layout();
        const first = layout.add(body, "end", []);
        const graph = graphOf(definitionOf([step("start", [next(first)]), ...layout.steps, step("end", [])]));
        for (const { name, takes, splits, joins } of graph.steps) {
          const expected = layout.expected.get(name);
          if (expected !== undefined) expect({ name, takes, splits, joins }).toEqual({ name, joins: undefined, ...expected });
        }
      }),
    );
  });

  test("with any edge bent elsewhere end with problems or a graph, never with an error", () => {
    assert(
      property(flows.parts, nat(), nat(), (body, from, to) => {
        const layout = new Layout();
        const first = layout.add(body, "end", []);
        const steps = [step("start", [next(first)]), ...layout.steps, step("end", [])];
        const target = steps[to % steps.length]?.name ?? "end";
        const bent = steps.map((one, index) => {
          const [site, ...others] = one.transitions;
          return index !== from % steps.length || site === undefined
            ? one
            : { ...one, transitions: [{ ...site, targets: [target, ...site.targets.slice(1)] }, ...others] };
        });
        const { graph, problems } = buildGraph(definitionOf(bent));
        expect(graph === undefined).toBe(problems.length > 0);
      }),
    );
  });
});
