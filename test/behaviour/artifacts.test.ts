import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** Values that must come back equal, by the source text that makes them. */
const VALUES = `import { Table, tableFromArrays } from "apache-arrow";
void Table;

export function values(): Record<string, unknown> {
  const shared = { shared: true };
  const cycle: Record<string, unknown> = { name: "cycle" };
  cycle.self = cycle;
  cycle.list = [cycle, shared];
  const error = new RangeError("too far", { cause: new Error("the cause") });
  const sparse = [1, , 3];
  return {
    undefinedValue: undefined, nullValue: null, yes: true, no: false, zero: 0, minusZero: -0, notANumber: NaN, infinite: -Infinity, tiny: 5e-324,
    bigint: 123456789012345678901234567890n, negativeBigint: -1n, text: "", long: "ü€😀\\u0000\\ud800".repeat(5000),
    emptyArray: [], emptyObject: {}, nested: { a: [{ b: [[null, undefined, -0]] }] }, sparse, nullProto: Object.assign(Object.create(null), { a: 1 }),
    date: new Date(1234567890123), invalidDate: new Date(NaN), regexp: /a(?<b>.)\\/c/giu,
    map: new Map<unknown, unknown>([[1, "one"], [{ key: 1 }, new Map([["in", 1n]])], [NaN, undefined]]), set: new Set([1, "1", -0, shared]),
    error, aggregate: new AggregateError([new Error("e1"), new TypeError("e2")], "both"),
    arrayBuffer: new Uint8Array([1, 2, 3]).buffer, dataView: new DataView(new Uint8Array([9, 8, 7, 6]).buffer, 1, 2),
    u8: new Uint8Array([1, 2]), i16: new Int16Array([-5, 300]), f64: new Float64Array([0.1, NaN, -0]), big64: new BigInt64Array([-5n, 7n]), clamped: new Uint8ClampedArray([255, 0]),
    viewInTheMiddle: new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3), buffer: Buffer.from("bytes \\u00e9"), largeBuffer: Buffer.alloc(300_000, "ab"),
    url: new URL("http://host/path?q=1"), twice: [shared, shared], cycle, "odd key \\n\\u0000 é": 1, "__proto__x": 2, rows: Array.from({ length: 2000 }, (_, id) => ({ id, name: "row " + id, tags: ["a", id], when: new Date(id) })),
    protoKey: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
    table: tableFromArrays({ id: Int32Array.from([1, 2, 3]), name: ["a", "b", null] }),
  };
}
`;

describe("stored values", () => {
  test("come back equal, shared references and cycles included", async () => {
    await using project = await Project.create(
      {
        "values.ts": VALUES,
        "flow.ts": flowText({
          head: `import { deepStrictEqual, ok } from "node:assert";
import { Table } from "apache-arrow";
import { values } from "./values.ts";`,
          fields: "all!: Record<string, unknown>; one!: unknown; checked = 0;",
          steps: `
  @step start() {
    for (const [name, value] of Object.entries(values())) Reflect.set(this, "value_" + name.replace(/\\W/g, "_"), value);
    const { table, ...rest } = values();
    this.all = rest;
    this.next(this.end);
  }
  @step end() {
    const expected = values();
    for (const [name, value] of Object.entries(expected)) {
      const got = Reflect.get(this, "value_" + name.replace(/\\W/g, "_"));
      if (name === "table") {
        ok(got instanceof Table, "a Table came back as " + got?.constructor?.name);
        deepStrictEqual(JSON.parse(JSON.stringify(got.toArray())), JSON.parse(JSON.stringify((value as Table).toArray())));
      } else if (value instanceof Error) {
        deepStrictEqual([got.constructor, got.name, got.message, String(got.cause), got.stack?.split("\\n")[0]], [value.constructor, value.name, value.message, String(value.cause), value.stack?.split("\\n")[0]], name);
        if (value instanceof AggregateError) deepStrictEqual(got.errors.map(String), value.errors.map(String));
      } else if (name === "invalidDate") ok(got instanceof Date && Number.isNaN(got.getTime()), name);
      else deepStrictEqual(got, value, name);
      this.checked++;
    }
    const all = this.all as ReturnType<typeof values> & { twice: unknown[]; cycle: { self: unknown; list: unknown[] }; map: Map<unknown, unknown>; set: Set<unknown> };
    deepStrictEqual(Object.keys(all), Object.keys(expected).filter((name) => name !== "table"));
    ok(all.twice[0] === all.twice[1] && all.set.has(all.twice[0]) && all.cycle.list[1] === all.twice[0], "shared references");
    ok(all.cycle.self === all.cycle && all.cycle.list[0] === all.cycle, "cycles");
    ok(Object.is(all.minusZero, -0) && !(1 in (all.sparse as unknown[])), "-0 and holes");
    ok(Buffer.isBuffer(all.buffer) && ({} as { polluted?: boolean }).polluted === undefined);
    note("checked " + this.checked);
  }`,
        }),
      },
      { packages: ["apache-arrow"] },
    );
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual([expect.stringMatching(/^checked \d\d$/)]);
  });

  test.each([
    ["a function", `this.model = { layers: [1, 2, 3, { fn: () => 1 }] };`, /this\.model\.layers\[3\]\.fn/, /function/],
    ["a promise", `this.model = new Map([["later", Promise.resolve(1)]]);`, /this\.model/, /[Pp]romise/],
    ["a socket", `this.model = { net: new Socket() };`, /this\.model\.net/, /Socket/],
    ["an instance of a class", `this.model = [new Point(1, 2)];`, /this\.model\[0\]/, /Point/],
    ["a symbol", `this.model = { mark: Symbol("s") };`, /this\.model\.mark/, /symbol/i],
    ["a WeakMap", `this.model = new WeakMap();`, /this\.model/, /WeakMap/],
    ["a proxy of a client", `this.model = { client: new (class Client { connect() {} })() };`, /this\.model\.client/, /Client/],
    ["the flow itself", `this.model = { flow: this };`, /this\.model\.flow/, /Demo|flow/],
  ])("that are %s fail the task at once, with the path of the value and the step's line", async (_, code, path, says) => {
    const source = flowText({
      head: `import { Socket } from "node:net"; class Point { constructor(public x: number, public y: number) {} } void Socket; void Point;`,
      fields: "model: unknown;",
      steps: `
  @step start() {
    ${code}
    this.next(this.end);
  }
  @step end() { note("finished"); }`,
    });
    await using project = await Project.create({ "flow.ts": source });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toMatch(path);
    expect(all).toMatch(says);
    expect(all).toMatch(/flow\.ts|start/);
    expect(project.ledger).toEqual([]);
  });

  test("may be instances of a class that has a codec", async () => {
    await using project = await Project.create({
      "point.ts": `import { registerCodec } from "millrace";
export class Point { constructor(readonly x: number, readonly y: number) {} get length() { return Math.hypot(this.x, this.y); } }
registerCodec({ name: "Point", class: Point, encode: (point) => [point.x, point.y], decode: ([x, y]) => new Point(x, y) });
`,
      "flow.ts": flowText({
        head: `import { Point } from "./point.ts";`,
        fields: "one!: Point; many!: { points: Map<string, Point> };",
        steps: `
  @step start() { this.one = new Point(3, 4); this.many = { points: new Map([["a", this.one], ["b", new Point(6, 8)]]) }; this.next(this.end); }
  @step end() { note([this.one instanceof Point, this.one.length, this.many.points.get("b")!.length].join()); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual(["true,5,10"]);
  });
});

describe("a change in place", () => {
  test("is seen by every later step, however it was made", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        fields: `list = [1]; deep = { a: { b: [{ c: 1 }] } }; map = new Map([["k", 1]]); date = new Date(0); bytes = Buffer.alloc(8); numbers = new Float64Array(3); set = new Set([1]);
  big = Array.from({ length: 5000 }, (_, n) => ({ n })); untouched = { keep: 1 }; gone?: string = "here";`,
        steps: `
  @step start() { this.change(); this.next(this.middle); }
  @step middle() { void this.untouched.keep; this.next(this.later); }
  @step later() { this.change(); const alias = this.deep.a.b; alias.push({ c: 99 }); delete this.gone; this.next(this.end); }
  @step end() {
    note(JSON.stringify([this.list, this.deep, [...this.map], this.date.getTime(), [...this.bytes], [...this.numbers], [...this.set], this.big.length, this.big[4999], this.big[17], String(this.gone)]));
  }
  change() {
    this.list.push(this.list.length + 1);
    this.deep.a.b[0]!.c++;
    this.map.set("k" + this.map.size, this.map.size);
    this.date.setTime(this.date.getTime() + 1000);
    this.bytes[this.bytes.indexOf(0)] = 7;
    this.numbers[0]! += 0.5;
    this.set.add(this.set.size + 1);
    this.big[17]!.n += 1000;
    this.big.pop();
  }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(JSON.parse(project.ledger[0] ?? "")).toEqual([
      [1, 2, 3],
      { a: { b: [{ c: 3 }, { c: 99 }] } },
      [
        ["k", 1],
        ["k1", 1],
        ["k2", 2],
      ],
      2000,
      [7, 7, 0, 0, 0, 0, 0, 0],
      [1, 0, 0],
      [1, 2, 3],
      4998,
      null,
      { n: 2017 },
      "undefined",
    ]);
  });

  test("in one branch or item is not seen in another", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "list: number[] = [];",
        steps: `
  @step start() { this.list.push(0); this.next(this.body, { foreach: [1, 2, 3, 4, 5, 6] }); }
  @step body(n: number) { this.list.push(n); this.next(this.join); }
  @step join(inputs: Inputs<this>) { note(JSON.stringify([this.list, ...inputs.map((input) => input.list)])); this.next(this.end); }
  @step end() { note(JSON.stringify(this.list)); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--max-workers", "1"]);
    expect(project.ledger).toEqual([JSON.stringify([[], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6]]), "[]"]);
  });
});

describe("the datastore", () => {
  test("keeps equal content once, and what is handed on untouched not again", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "a!: Buffer; b!: Buffer; c!: Buffer;",
        steps: `
  @step start() { this.a = Buffer.alloc(1_000_000, "millrace "); this.next(this.body, { foreach: [1, 2, 3, 4] }); }
  @step body(n: number) { this.b = Buffer.from(this.a); this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.mergeArtifacts(inputs); this.c = this.b; this.next(this.end); }
  @step end() { note(String(this.a.length + this.b.length + this.c.length)); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual(["3000000", "3000000"]);
    const sizes = await Promise.all((await filesBelow(project.path(".millrace"))).map(async (file) => (await stat(file)).size));
    expect(sizes.filter((size) => size >= 900_000)).toHaveLength(1);
  });

  test("is .millrace at the project's root, wherever the command stands, and can be put elsewhere", async () => {
    await using project = await Project.create({
      "flows/deep/flow.ts": flowText({ steps: `@step start() { this.next(this.end); }\n  @step end() {}` }).replace("./rig.js", "../../rig.js"),
    });
    await project.expectMillrace(0, ["run", "flow.ts"], { cwd: project.path("flows/deep") });
    await project.expectMillrace(0, ["run", "flows/deep/flow.ts"]);
    expect((await new Results(project).runs()).map((run) => run.pathspec).toSorted()).toEqual(["Demo/1", "Demo/2"]);
    expect(await readdir(project.path("flows/deep"))).toEqual(["flow.ts"]);

    await project.expectMillrace(0, ["run", "flows/deep/flow.ts", "--datastore", "other place"]);
    await project.expectMillrace(0, ["run", "flows/deep/flow.ts"], { env: { MILLRACE_DATASTORE: project.path("other place") } });
    expect((await project.expectMillrace(0, ["runs", "--json", "--datastore", "other place"])).stdout).toContain("Demo/2");
    expect(await new Results(project).runs()).toHaveLength(2);
    await project.write({ "millrace.config.json": JSON.stringify({ datastore: "./other place" }) });
    await project.expectMillrace(0, ["run", "flow.ts"], { cwd: project.path("flows/deep") });
    expect(await new Results(project).runs()).toHaveLength(3);
  });
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
