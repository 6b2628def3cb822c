import { describe, expect, test } from "vitest";
import { flowText, lineOf } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";
import { plainJson, UNDEFINED } from "../rig/stored-json.js";

describe("a join's inputs", () => {
  test("stand in the order of the items, whatever finished first", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "word!: string; words!: string[];",
        steps: `
  @step start() { this.next(this.body, { foreach: ["a", "b", "c", "d"] }); }
  @step async body(item: string) { await gate("item " + item); this.word = item; this.next(this.join); }
  @step join(inputs: Inputs<this>) {
    this.words = inputs.map((input) => input.word);
    this.words.push(String(inputs.length), inputs[2]!.word, [...inputs].at(-1)!.word, String(inputs.findIndex((input) => input.word === "b")));
    for (const input of inputs) this.words.push(input.word);
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--json"]);
    for (const [item, index] of [
      ["c", 2],
      ["a", 0],
      ["d", 3],
      ["b", 1],
    ] as const) {
      project.gates.open(`item ${item}`);
      await run.event("task-done", `body/${index}`);
    }
    expect((await run.result).code).toBe(0);
    expect(await new Results(project).artifact("Demo/1/end/0", "words")).toEqual(["a", "b", "c", "d", "4", "c", "d", "1", "a", "b", "c", "d"]);
  });

  test("stand in the order of the branches, and go by the step's name too", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "word!: string; words!: string[];",
        steps: `
  @step start() { this.next(this.zebra, this.apple, this.mango); }
  @step async zebra() { this.word = await gate("zebra"); this.next(this.join); }
  @step async apple() { this.word = await gate("apple"); this.next(this.join); }
  @step async mango() { this.word = await gate("mango"); this.next(this.join); }
  @step join(inputs: Inputs<this>) {
    this.words = [...inputs.map((input) => input.word), inputs.zebra.word, inputs.apple.word, inputs.mango.word];
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    const run = project.start(["run", "flow.ts", "--json"]);
    for (const [name, word] of [
      ["mango", "m"],
      ["zebra", "z"],
      ["apple", "a"],
    ] as const) {
      project.gates.open(name, word);
      await run.event("task-done", `${name}/0`);
    }
    expect((await run.result).code).toBe(0);
    expect(await new Results(project).artifact("Demo/1/end/0", "words")).toEqual(["z", "a", "m", "z", "a", "m"]);
  });

  test("are read-only, and say so", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "word!: string; said!: string[];",
        steps: `
  @step start() { this.next(this.left, this.right); }
  @step left() { this.word = "left"; this.next(this.join); }
  @step right() { this.word = "right"; this.next(this.join); }
  @step join(inputs: Inputs<this>) {
    this.said = [];
    try { (inputs[0] as { word: string }).word = "changed"; } catch (error) { this.said.push(String(error)); }
    try { (inputs as unknown as string[]).push("more"); } catch (error) { this.said.push(String(error)); }
    this.said.push(inputs.left.word, String(inputs.length));
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const said = await new Results(project).artifact("Demo/1/end/0", "said");
    expect(said).toEqual([expect.stringMatching(/word|read-only/), expect.any(String), "left", "2"]);
  });

  test("of a branch of several steps go by the branch's first step and by its last", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: "word!: string; words!: string[];",
        steps: `
  @step start() { this.next(this.first, this.other); }
  @step first() { this.word = "first"; this.next(this.second); }
  @step second() { this.word += " second"; this.next(this.join); }
  @step other() { this.word = "other"; this.next(this.join); }
  @step join(inputs: Inputs<this>) {
    this.words = [inputs.first.word, inputs.second.word, inputs.other.word];
    this.next(this.end);
  }
  @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(await new Results(project).artifact("Demo/1/end/0", "words")).toEqual(["first second", "first second", "other"]);
  });
});

describe("mergeArtifacts", () => {
  test("takes what the inputs agree on, leaves alone what the join set, and refuses conflicts by name", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "type Inputs",
        fields: `common!: object; same!: object; onlyLeft!: string; mine!: string; clash!: string; clash2!: number[]; later!: string;
  tried!: Record<string, unknown>;`,
        steps: `
  @step start() { this.common = { from: "start" }; this.mine = "start's"; this.next(this.left, this.right); }
  @step left() {
    this.same = { list: [1, 2, { deep: true }] }; this.onlyLeft = "left"; this.mine = "left's"; this.clash = "l"; this.clash2 = [1];
    this.next(this.join);
  }
  @step right() {
    this.same = { list: [1, 2, { deep: true }] }; this.mine = "right's"; this.clash = "r"; this.clash2 = [2];
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) {
    const attempt = (options?: { include?: string[]; exclude?: string[] }): unknown => {
      try { this.mergeArtifacts(inputs, options as never); return "merged"; } catch (error) { return (error as Error).message; }
    };
    this.mine = "the join's";
    const tried: Record<string, unknown> = {};
    tried.conflict = attempt();
    tried.afterConflict = [this.common, this.same];
    tried.both = attempt({ include: ["same"], exclude: ["clash"] });
    tried.unknown = attempt({ include: ["same", "nothere"] });
    tried.includedConflict = attempt({ include: ["same", "clash"] });
    tried.include = attempt({ include: ["same"] });
    tried.afterInclude = [this.common, this.same];
    tried.rest = attempt({ exclude: ["clash", "clash2", "onlyLeft"] });
    this.tried = tried;
    this.next(this.end);
  }
  @step end() { this.later = [this.mine, JSON.stringify(this.common), JSON.stringify(this.same)].join(); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const end = plainJson((await new Results(project).dump("Demo/1/end/0"))["end/0"]) as Record<string, Record<string, unknown>>;
    expect(end["tried"]).toEqual({
      conflict: expect.stringMatching(/clash.*clash2/),
      afterConflict: [UNDEFINED, UNDEFINED],
      both: expect.stringMatching(/include.*exclude/),
      unknown: expect.stringMatching(/nothere/),
      includedConflict: expect.stringMatching(/clash/),
      include: "merged",
      afterInclude: [UNDEFINED, { list: [1, 2, { deep: true }] }],
      rest: "merged",
    });
    expect(end["tried"]?.["conflict"]).not.toMatch(/mine|onlyLeft|common|same/);
    expect(end["later"]).toBe(`the join's,{"from":"start"},{"list":[1,2,{"deep":true}]}`);
    expect(Object.keys(end)).not.toContain("onlyLeft");
    expect(Object.keys(end)).not.toContain("clash");
  });

  test("outside a join is an error that says so", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ steps: `@step start() { this.mergeArtifacts([] as never); this.next(this.end); }\n  @step end() {}` }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toContain("mergeArtifacts");
    expect(all).toMatch(/flow\.ts:\d+/);
  });
});

describe("an artifact that cannot reach a step", () => {
  const lossy = (read: string): string =>
    flowText({
      imports: "type Inputs",
      fields: "rows!: number[]; kept!: string; never?: string; maybe?: string; said?: unknown[];",
      steps: `
  @step start() { if (Date.now() < 0) this.maybe = "set"; this.next(this.left, this.right); }
  @step left() { this.rows = [1, 2]; this.kept = "left"; this.next(this.join); }
  @step right() { this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.mergeArtifacts(inputs, { include: ["kept"] }); this.next(this.after); }
  @step after() { ${read} this.next(this.end); }
  @step end() {}`,
    });

  test("is found by check, with the place, the setter and the join that lost it", async () => {
    const source = lossy("\n    console.log(this.rows.length);\n");
    await using project = await Project.create({ "flow.ts": source });
    const { all } = await project.expectMillrace(2, ["check", "flow.ts"]);
    expect(all).toContain("rows");
    expect(all).toContain("left");
    expect(all).toContain("join");
    expect(all).toContain(`flow.ts:${lineOf(source, "this.rows.length")}`);
    expect(await project.millrace(["run", "flow.ts"])).toMatchObject({ code: 2, stdout: expect.not.stringContaining("Demo/1") });
  });

  test("fails the reading step when check could not see the read", async () => {
    const source = lossy(`\n    const name = ["ro", "ws"].join("");\n    console.log(Reflect.get(this, name));\n`);
    await using project = await Project.create({ "flow.ts": source });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts"]);
    expect(all).toContain("rows");
    expect(all).toContain("left");
    expect(all).toContain("join");
    expect(all).toContain(`flow.ts:${lineOf(source, "Reflect.get")}`);
  });

  test("that no step sets, or that a step upstream could have set, reads as undefined", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        fields: "maybe?: string; never?: string; said!: unknown[];",
        steps: `
  @step start() { if (Date.now() < 0) this.maybe = "set"; this.next(this.end); }
  @step end() { this.said = [this.maybe, this.never, "maybe" in this, Object.keys(this).includes("maybe")]; }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const said = plainJson(await new Results(project).artifact("Demo/1/end/0", "said")) as unknown[];
    expect(said.slice(0, 2)).toEqual([UNDEFINED, UNDEFINED]);
  });
});
