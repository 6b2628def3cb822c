import { describe, expect, test } from "vitest";
import { flowText, lineOf } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

describe("a foreach", () => {
  test("takes any iterable and any async iterable, and each item comes as it was", async () => {
    const sources: Readonly<Record<string, string>> = {
      array: `[1, "two", null, undefined, NaN, [3], { four: new Date(4) }]`,
      map: `new Map<unknown, unknown>([["a", 1], [{ b: 2 }, new Set([3])]])`,
      set: `new Set(["x", "y", 5n])`,
      generator: `(function* () { yield 1; yield* [2, 3]; })()`,
      asyncGenerator: `(async function* () { yield "p"; await null; yield "q"; })()`,
      typedArray: `new Float32Array([0.5, -0])`,
      custom: `{ *[Symbol.iterator]() { yield /re/g; yield Buffer.from("bytes"); } }`,
      keys: `new Map([["k1", 1], ["k2", 2]]).keys()`,
    };
    const names = Object.keys(sources);
    const source = flowText({
      imports: "type Inputs",
      head: `import { deepStrictEqual } from "node:assert";
import { sources } from "./sources.ts";
async function toArray(items: Iterable<unknown> | AsyncIterable<unknown>) { const all: unknown[] = []; for await (const item of items) all.push(item); return all; }`,
      fields: "got!: unknown[];",
      steps: `
  @step start() { this.next(this.${names[0]}); }
${names
  .map(
    (name, place) => `
  @step ${name}() { this.next(this.${name}Body, { foreach: sources.${name}() as Iterable<unknown> }); }
  @step ${name}Body(item: unknown) { this.got = [item, this.input, this.index, this.foreachStack()]; this.next(this.${name}Join); }
  @step async ${name}Join(inputs: Inputs<this>) {
    const items = await toArray(sources.${name}());
    deepStrictEqual(inputs.map((input) => input.got), items.map((item, index) => [item, item, index, [{ step: "${name}", index, count: items.length, item }]]));
    note("${name} " + items.length);
    this.next(this.${names[place + 1] ?? "end"});
  }`,
  )
  .join("\n")}
  @step end() {}`,
    });
    const sourcesFile = `export const sources = {\n${names.map((name) => `  ${name}: () => (${sources[name]}),`).join("\n")}\n};\n`;
    await using project = await Project.create({ "flow.ts": source, "sources.ts": sourcesFile });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual(["array 7", "map 2", "set 3", "generator 3", "asyncGenerator 2", "typedArray 2", "custom 2", "keys 2"]);
  });

  test.each([
    ["a string", `"abc"`, /string/],
    ["a number", `42`, /42|number/],
    ["nothing", `undefined`, /undefined/],
    ["a plain object", `{ a: 1 }`, /object/],
    ["a promise of items", `Promise.resolve([1])`, /promise|await/i],
  ])("over %s fails the task, saying what it got and where", async (_, items, says) => {
    const source = flowText({
      imports: "type Inputs",
      steps: `
  @step start() {
    this.next(this.body, { foreach: (${items}) as never });
  }
  @step body(item: string) { this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
    });
    await using project = await Project.create({ "flow.ts": source });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toMatch(says);
    expect(all).toContain("foreach");
    expect(all).toContain(`flow.ts:${lineOf(source, "this.next(this.body")}`);
  });

  test("over nothing is an error, unless it is allowed: then the join runs without inputs", async () => {
    const flow = (options: string): string =>
      flowText({
        imports: "type Inputs",
        fields: "total!: number; body1!: number;",
        steps: `
  @step start() { this.next(this.body, { foreach: [] as number[]${options} }); }
  @step body(item: number) { this.body1 = item; this.next(this.deeper, { foreach: [1, 2] }); }
  @step deeper(item: number) { this.next(this.inner); }
  @step inner(inputs: Inputs<this>) { this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.mergeArtifacts(inputs); this.total = inputs.length + inputs.reduce((sum, input) => sum + input.body1, 0); this.next(this.end); }
  @step end() { note("total " + this.total); }`,
      });
    await using project = await Project.create({ "flow.ts": flow(""), "allowed.ts": flow(", allowEmpty: true") });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toContain("produced zero splits");
    expect(all).toContain("allowEmpty");
    await project.expectMillrace(0, ["run", "allowed.ts"]);
    expect(project.ledger).toEqual(["total 0"]);
  });

  test("names its tasks by their label wherever people read them", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        steps: `
  @step start() { this.next(this.body, { foreach: [{ city: "Leeds" }, { city: "York" }, { city: "Hull" }], label: (one) => one.city }); }
  @step body(one: { city: string }) { console.log("in", one.city); if (one.city === "York") throw new Error("no data"); if (one.city === "Hull") process.kill(process.pid, "SIGKILL"); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    expect(
      all
        .split("\n")
        .filter((line) => line.includes("in Leeds"))
        .join(),
    ).toContain("Leeds");
    expect(all).toMatch(/body\/1[^\n]*York|York[^\n]*body\/1/);
    const status = (await project.expectMillrace(0, ["status", "Demo/1"])).stdout;
    expect(status).toContain("York");
    // The process that knew the third one's label is gone.
    expect(all).toMatch(/body\/2[^\n]*Hull/);
    expect(status).toContain("Hull");
  });

  test("tells each task where it stands, at every depth, in the inner join too", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        steps: `
  @step start() { note(JSON.stringify([this.index ?? null, this.input ?? null, this.foreachStack()])); this.next(this.outer, { foreach: ["a", "b"] }); }
  @step outer(letter: string) { this.next(this.inner, { foreach: [10, 20, 30].slice(0, letter === "a" ? 2 : 3) }); }
  @step inner(n: number) { note("inner " + JSON.stringify([this.index, this.input, this.foreachStack()])); this.next(this.meet); }
  @step meet(inputs: Inputs<this>) { note("meet " + JSON.stringify([this.index, this.input, this.foreachStack()])); this.next(this.join); }
  @step join(inputs: Inputs<this>) { note(JSON.stringify([this.index ?? null, this.input ?? null, this.foreachStack()])); this.next(this.end); }
  @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const outer = (index: number): unknown => ({ step: "start", index, count: 2, item: "ab"[index] });
    const inner = (place: number, index: number): unknown => ({ step: "outer", index, count: 2 + place, item: (index + 1) * 10 });
    const expected = [
      ...[
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [1, 2],
      ].map(([place = 0, index = 0]) => `inner ${JSON.stringify([index, (index + 1) * 10, [outer(place), inner(place, index)]])}`),
      ...[0, 1].map((place) => `meet ${JSON.stringify([place, "ab"[place], [outer(place)]])}`),
      ...Array.from({ length: 2 }, () => JSON.stringify([null, null, []])),
    ];
    expect(project.ledger.toSorted()).toEqual(expected.toSorted());
    expect(
      (await new Results(project).status("Demo/1")).tasks
        .map((task) => task.pathspec.slice(7))
        .filter((task) => /inner|meet/.test(task))
        .toSorted(),
    ).toEqual(["inner/0.0", "inner/0.1", "inner/1.0", "inner/1.1", "inner/1.2", "meet/0", "meet/1"]);
  });
});
