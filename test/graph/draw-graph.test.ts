import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/core/graph.js";
import { buildGraph } from "../../src/graph/build-graph.js";
import { drawGraph, graphFormats, isGraphFormat, type GraphFormat } from "../../src/graph/draw-graph.js";
import { compileFlow, flowOf } from "./compiled-flow.js";

const source = `import { FlowSpec, step, parameter, retry, timeout, batch } from "millrace";
/** Scores "rows"
 *  and sums them. */
export default class ScoreFlow extends FlowSpec {
  alpha = parameter({ default: 0.01, help: "Learning rate" });
  names = parameter({ type: "string", list: true });
  day = parameter({ default: () => "today" });
  limit = parameter({ type: "int", required: false });

  /** Reads the rows. */
  @step start() { this.next(this.prepare, this.score); }
  @step prepare() { if (this.alpha > 1) this.next(this.prepare); else this.next(this.join); }
  @step @retry({ times: 2, delay: "5s", if: () => true }) @timeout("5m") @batch({ tags: { "a-b": "c" } })
  score() { this.next(this.row, { foreach: [1] }); }
  @step row(item: number) { this.next(this.rows); }
  @step rows(inputs: object) { this.next(this.join); }
  @step join(inputs: object) { this.next(this.end); }
  @step end() {}
}`;

const { definition } = compileFlow(source);
const draw = (format: GraphFormat) => drawGraph(graphOf(definition), format, definition.parameters);

function graphOf(of: typeof definition): Graph {
  const { graph, problems } = buildGraph(of);
  if (graph === undefined) throw new Error(problems[0]?.message);
  return graph;
}

describe("a graph drawn", () => {
  test("as text", () => {
    expect(draw("text")).toBe(`ScoreFlow
  Scores "rows"
   and sums them.

parameters
  --alpha (number, 0.01)
    Learning rate
  --names (string list, required)
  --day (string, computed)
  --limit (int)

start
  Reads the rows.
  → prepare and score

  prepare (in a loop)
    → prepare or join

  score
    @retry({ times: 2, delay: "5s", if: function })
    @timeout("5m")
    @batch({ tags: { "a-b": "c" } })
    → row, for each item

    row (takes an item)
      → rows

  rows (joins score)
    → join

join (joins start)
  → end

end
`);
  });

  test("for Mermaid", () => {
    expect(draw("mermaid")).toBe(`flowchart TD
  s0(["start"])
  s1{"prepare"}
  s2["score"]
  s3["row"]
  s4[/"rows"\\]
  s5[/"join"\\]
  s6(["end"])
  s0 --> s1
  s0 --> s2
  s1 -.-> s1
  s1 -.-> s5
  s2 ==>|foreach| s3
  s3 --> s4
  s4 --> s5
  s5 --> s6
`);
  });

  test("for Graphviz", () => {
    expect(draw("dot")).toBe(`digraph "ScoreFlow" {
  rankdir=TB;
  node [shape=box, style=rounded, fontname="Helvetica"];
  "start" [label="start", shape=oval, tooltip="Reads the rows."];
  "prepare" [label="prepare", shape=diamond];
  "score" [label="score\\n@retry({ times: 2, delay: \\"5s\\", if: function })\\n@timeout(\\"5m\\")\\n@batch({ tags: { \\"a-b\\": \\"c\\" } })"];
  "row" [label="row"];
  "rows" [label="rows", shape=invtrapezium];
  "join" [label="join", shape=invtrapezium];
  "end" [label="end", shape=oval];
  "start" -> "prepare";
  "start" -> "score";
  "prepare" -> "prepare" [style=dashed];
  "prepare" -> "join" [style=dashed];
  "score" -> "row" [label="foreach", style=bold];
  "row" -> "rows";
  "rows" -> "join";
  "join" -> "end";
}
`);
  });

  test("as JSON is the graph itself", () => {
    expect(JSON.parse(draw("json"))).toEqual(graphOf(definition));
  });

  test("keeps names and documentation with quotes, brackets and line breaks whole", () => {
    const graph: Graph = {
      flow: 'A "flow"',
      steps: [
        {
          name: 'sta"rt<b>#1',
          kind: "end",
          next: [],
          takes: "nothing",
          splits: [],
          loops: false,
          decorators: [{ name: "card", options: { title: 'say "hi" \\ there' }, from: "code" }],
          doc: 'One "line"\nand another',
          lost: [],
        },
      ],
    };
    expect(drawGraph(graph, "mermaid")).toContain('(["sta#quot;rt#lt;b#gt;#35;1"])');
    expect(drawGraph(graph, "dot")).toContain(
      String.raw`"sta\"rt<b>#1" [label="sta\"rt<b>#1\n@card({ title: \"say \\\"hi\\\" \\\\ there\" })", shape=oval, tooltip="One \"line\"\nand another"];`,
    );
  });

  test("shows a join after all of its branches, whatever the order of the source", () => {
    const body = `@step end() {} @step join(inputs) { this.next(this.end); } @step b() { this.next(this.join); } @step a() { this.next(this.c); }
      @step c() { this.next(this.join); } @step start() { this.next(this.a, this.b); }`;
    const names = drawGraph(graphOf(flowOf(body).definition), "text").match(/^ *(?:start|a|b|c|join|end)\b/gm);
    expect(names?.map((name) => name.trim())).toEqual(["start", "a", "c", "b", "join", "end"]);
  });
});

test("formats are known by name", () => {
  expect(graphFormats.every(isGraphFormat)).toBe(true);
  expect(isGraphFormat("svg")).toBe(false);
});
