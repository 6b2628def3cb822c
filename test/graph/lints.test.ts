import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/graph.js";
import { settingDefinitions } from "../../src/config/setting-definitions.js";
import { buildGraph } from "../../src/graph/build-graph.js";
import { reservedFlags } from "../../src/graph/name-lints.js";
import { compileFlow, flowOf } from "./compiled-flow.js";

function lint(body: string, heading = ""): readonly Problem[] {
  const { graph, problems } = buildGraph(flowOf(body, heading).definition);
  expect(graph === undefined).toBe(problems.length > 0);
  return problems;
}

/** The rest of a flow whose start and end are in order. */
const end = "@step end() {}";
const start = "@step start() { this.next(this.end); }";
const toJoin = (...names: readonly string[]) => names.map((name) => `@step ${name}() { this.next(this.join); }`).join("\n");
const join = "@step join(inputs) { this.next(this.end); }";

describe("a flow is refused for", () => {
  test.each<[what: string, body: string, code: string, words: readonly string[]]>([
    ["no start", `@step begin() { this.next(this.end); } ${end}`, "start-missing", ["TestFlow"]],
    ["no end", "@step start() { this.next(this.finish); } @step finish() {}", "end-missing", ["TestFlow", "Did you mean finish?"]],
    ["a step that nothing leads to", `${start} @step lonely() { this.next(this.end); } ${end}`, "step-unreachable", ["lonely"]],
    [
      "a misspelt target",
      `@step start() { this.next(this.skore); } @step score() { this.next(this.end); } ${end}`,
      "target-unknown",
      ["skore", "Did you mean score?"],
    ],
    [
      "a target without @step",
      `@step start() { if (x) this.next(this.score); else this.next(this.end); } score() {} ${end}`,
      "target-unknown",
      ["method without @step", "Mark score with @step"],
    ],
    ["no transition", `@step start() { if (this.x) this.next(this.a); else this.next(this.end); } @step a() {} ${end}`, "transition-missing", ["a"]],
    [
      "a transition that cannot be read",
      `@step start() { this.next(this[name]); this.next(this.end); } ${end}`,
      "transition-unreadable",
      ["this[name]"],
    ],
    ["an end that goes on", `${start} @step end() { this.next(this.start); }`, "end-goes-on", ["start"]],
    [
      "a branch and a single target",
      `@step start() { if (x) this.next(this.a, this.b); else this.next(this.a); } ${toJoin("a", "b")} ${join} ${end}`,
      "transitions-mixed",
      ["start", "this.next(this.a, this.b)"],
    ],
    [
      "a foreach and a plain call",
      `@step start() { if (x) this.next(this.a, { foreach: x }); else this.next(this.end); } ${toJoin("a")} ${join} ${end}`,
      "transitions-mixed",
      ["foreach"],
    ],
    [
      "two foreachs to different steps",
      `@step start() { if (x) this.next(this.a, { foreach: x }); else this.next(this.b, { foreach: x }); } ${toJoin("a", "b")} ${join} ${end}`,
      "transitions-mixed",
      ["this.b"],
    ],
    ["a branch that names a step twice", `@step start() { this.next(this.a, this.a); } ${toJoin("a")} ${join} ${end}`, "target-twice", ["a"]],
    [
      "a cycle without a switch",
      `@step start() { if (x) this.next(this.a); else this.next(this.end); } @step a() { this.next(this.b); } @step b() { this.next(this.a); } ${end}`,
      "endless-cycle",
      ["a → b → a"],
    ],
    [
      "a step that follows itself",
      `@step start() { if (x) this.next(this.a); else this.next(this.end); } @step a() { this.next(this.a); } ${end}`,
      "endless-cycle",
      ["a → a"],
    ],
    [
      "a switch loop that cannot be left",
      `@step start() { if (x) this.next(this.a); else this.next(this.end); } @step a() { if (x) this.next(this.b); else this.next(this.a); } @step b() { this.next(this.a); } ${end}`,
      "endless-cycle",
      ["a"],
    ],
    [
      "a foreach that is open at the end",
      `@step start() { this.next(this.a, { foreach: x }); } @step a(item) { this.next(this.end); } ${end}`,
      "split-without-join",
      ["foreach of step start", "end(inputs: Inputs<this>)"],
    ],
    [
      "an inner split that is open at the end",
      `@step start() { this.next(this.a, { foreach: x }); } @step a(item) { this.next(this.b, { foreach: x }); } @step b() { this.next(this.join); } ${join} ${end}`,
      "split-without-join",
      ["start"],
    ],
    ["a join of nothing", `@step start() { this.next(this.join); } ${join} ${end}`, "join-without-split", ["join", "inputs"]],
    [
      "a join after the join",
      `@step start() { this.next(this.a, { foreach: x }); } ${toJoin("a")} @step join(inputs) { this.next(this.again); } @step again(inputs) { this.next(this.end); } ${end}`,
      "join-without-split",
      ["again"],
    ],
    [
      "a join of unrelated splits",
      `@step start() { this.next(this.a, this.b); } @step a() { this.next(this.c, this.d); } @step b() { this.next(this.join); } ${toJoin("c", "d")} ${join} ${end}`,
      "unrelated-splits",
      ["join", "start", "a"],
    ],
    [
      "a join that leaves out a branch",
      `@step start() { this.next(this.a, this.b, this.c); } ${toJoin("a", "b")} @step c() { this.next(this.end); } ${join} ${end}`,
      "join-incomplete",
      ["join", "c"],
    ],
    [
      "a split with two joins",
      `@step start() { this.next(this.a, { foreach: x }); } @step a(item) { if (x) this.next(this.join); else this.next(this.other); } ${join} @step other(inputs) { this.next(this.end); } ${end}`,
      "split-joined-twice",
      ["start", "join", "other"],
    ],
    [
      "a join without parameter",
      `@step start() { this.next(this.a, this.b); } @step a() { this.next(this.end); } @step b() { this.next(this.end); } ${end}`,
      "join-parameter-missing",
      ["a and b", "end(inputs: Inputs<this>)"],
    ],
    [
      "an item that no foreach gives",
      `@step start() { this.next(this.a); } @step a(row) { this.next(this.end); } ${end}`,
      "item-without-foreach",
      ["a", "row"],
    ],
    [
      "an item in a branch",
      `@step start() { this.next(this.a, this.b); } @step a() { this.next(this.c); } @step c(row) { this.next(this.join); } ${toJoin("b")} ${join} ${end}`,
      "item-without-foreach",
      ["c", "row"],
    ],
    ["a start that takes something", `@step start(options) { this.next(this.end); } ${end}`, "item-without-foreach", ["options"]],
    [
      "a step reached both ways",
      `@step start() { if (x) this.next(this.many); else this.next(this.one); } @step many() { this.next(this.a, { foreach: x }); } @step one() { this.next(this.a); } @step a() { this.next(this.join); } ${join} ${end}`,
      "reached-both-ways",
      ["many", "one"],
    ],
    [
      "a loop out of a split",
      `@step start() { this.next(this.a, { foreach: x }); } @step a(item) { if (x) this.next(this.start); else this.next(this.join); } ${join} ${end}`,
      "reached-at-two-depths",
      ["start"],
    ],
    [
      "a foreach straight into the join",
      `@step start() { this.next(this.join, { foreach: x }); } ${join} ${end}`,
      "foreach-into-join",
      ["start", "join"],
    ],
    [
      "a branch straight into the join",
      `@step start() { this.next(this.a, this.join); } ${toJoin("a")} ${join} ${end}`,
      "split-into-join",
      ["start", "join"],
    ],
    [
      "@catchError on a foreach",
      `@step @catchError start() { this.next(this.a, { foreach: x }); } ${toJoin("a")} ${join} ${end}`,
      "catch-on-fan-out",
      ["start", "fans out"],
    ],
    [
      "@catchError on a switch",
      `@step @catchError start() { if (x) this.next(this.a); else this.next(this.end); } @step a() { this.next(this.end); } ${end}`,
      "catch-on-fan-out",
      ["start", "chooses"],
    ],
    ["decorators without @step", `${start} @retry a() {} ${end}`, "decorators-without-step", ["a", "@retry"]],
    [
      "two parameters on a step",
      `@step start() { this.next(this.a, { foreach: x }); } @step a(item, index) { this.next(this.join); } ${join} ${end}`,
      "too-many-parameters",
      ["a", "2"],
    ],
    [
      "a step named like a member",
      `@step start() { this.next(this.index); } @step index() { this.next(this.end); } ${end}`,
      "reserved-name",
      ["index", "mergeArtifacts"],
    ],
    [
      "a step named like a member of every object",
      "@step start() { this.next(this.toString); } @step toString() { this.next(this.end); } @step end() {}",
      "reserved-name",
      ["toString"],
    ],
    ["a field named like a member", `${start} ${end} input = 3;`, "reserved-name", ["A field", "input"]],
    ["a method named like a member", `${start} ${end} foreachStack() {}`, "reserved-name", ["A method", "foreachStack"]],
    ["an artifact named like a member", `@step start() { this.index = 1; this.next(this.end); } ${end}`, "reserved-name", ["An artifact", "index"]],
    ["a parameter named like a member", `${start} ${end} input = parameter({ default: 1 });`, "reserved-name", ["A parameter", "input"]],
    ["an artifact named like a step", `@step start() { this.end = 1; this.next(this.end); } ${end}`, "artifact-is-step", ["end"]],
    [
      "a step whose name a pathspec cannot hold",
      `@step start() { this.next(this.größe); } @step größe() { this.next(this.end); } ${end}`,
      "bad-step-name",
      ["größe"],
    ],
    [
      "steps that differ in case only",
      `@step start() { this.next(this.End); } @step End() { this.next(this.end); } ${end}`,
      "steps-alike",
      ["End", "end"],
    ],
    ["a parameter that hides an option", `${start} ${end} maxWorkers = parameter({ default: 1 });`, "parameter-flag-reserved", ["--max-workers"]],
    [
      "a parameter that hides an option's opposite",
      `${start} ${end} noQuiet = parameter({ default: 1 });`,
      "parameter-flag-reserved",
      ["--no-quiet"],
    ],
    [
      "parameters that read the same",
      `${start} ${end} chunkSize = parameter({ default: 1 }); chunk_size = parameter({ default: 1 });`,
      "parameters-alike",
      ["chunkSize", "chunk_size"],
    ],
    [
      "a parameter that reads as another's opposite",
      `${start} ${end} test = parameter({ default: false }); noTest = parameter({ default: "x" });`,
      "parameters-alike",
      ["test", "noTest"],
    ],
  ])("%s", (_, body, code, words) => {
    const problems = lint(body);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    const [problem] = problems;
    for (const word of words) expect(`${problem?.message} ${problem?.hint}`).toContain(word);
    expect(problem?.position).toMatchObject({ file: "flow.ts" });
  });

  test("a class without a name", () => {
    const { definition } = flowOf(`${start} ${end}`);
    expect(buildGraph({ ...definition, name: "Größe" }).problems.map(({ code }) => code)).toEqual(["flow-unnamed"]);
    const anonymous = compileFlow(`import { FlowSpec, step } from "millrace"; export default class extends FlowSpec { ${start} ${end} }`);
    expect(buildGraph(anonymous.definition).problems).toMatchObject([{ code: "flow-unnamed", message: "The flow's class has no name." }]);
  });
});

test("all problems are found at once, in the order of the source", () => {
  const problems = lint(`
    keepGoing = parameter({ default: false });
    @step start() { this.next(this.nothere); }
    @step lonely() { this.next(this.a, this.b); }
    @step a() { this.next(this.end); }
    @step b() { }
    @retry c() {}
    @step d(x, y) { this.next(this[e]); }
    @step end() { this.next(this.start); }`);
  expect(problems.map(({ code }) => code)).toEqual([
    "parameter-flag-reserved",
    "target-unknown",
    "step-unreachable",
    "transition-missing",
    "decorators-without-step",
    "too-many-parameters",
    "step-unreachable",
    "transition-unreadable",
    "end-goes-on",
  ]);
  const lines = problems.map(({ position }) => position?.line ?? 0);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
});

describe("one mistake is one problem:", () => {
  test.each([
    [
      "a misspelt target in a branch",
      `@step start() { this.next(this.lef, this.right); } ${toJoin("left", "right")} ${join} ${end}`,
      ["target-unknown"],
    ],
    [
      "a branch that breaks off",
      `@step start() { this.next(this.left, this.right); } @step left() {} ${toJoin("right")} ${join} ${end}`,
      ["transition-missing"],
    ],
    [
      "a step that is gone from the middle",
      `@step start() { this.next(this.a, { foreach: x }); } @step a() { this.next(this.gone); } ${join} ${end}`,
      ["step-unreachable", "target-unknown"],
    ],
  ])("%s", (_, body, codes) => {
    expect(
      lint(body)
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(codes);
  });
});

describe("artifacts that cannot reach a step:", () => {
  const branches = (joinBody: string, endBody: string, leftBody = "this.x = 1;") => `
    @step start() { this.before = 1; this.next(this.left, this.right); }
    @step left() { ${leftBody} this.next(this.join); }
    @step right() { this.next(this.join); }
    @step join(inputs) { ${joinBody} this.next(this.end); }
    @step end() { ${endBody} }`;

  test.each<[what: string, body: string, found: readonly string[]]>([
    [
      "lost at the join that reads it",
      branches("f(this.x);", ""),
      ["Step join reads this.x, which left sets, but a join starts without what its branches set."],
    ],
    [
      "lost at a join before",
      branches("", "f(this.x);"),
      ["Step end reads this.x, which left sets, but join, a join in between, does not carry it on."],
    ],
    [
      "of before the split",
      branches("", "f(this.before);"),
      ["Step end reads this.before, which start sets, but join, a join in between, does not carry it on."],
    ],
    ["set later only", branches("", "this.y = 1;", "f(this.y);"), ["Step left reads this.y, which end sets, but end does not come before left."]],
    [
      "set in the other branch",
      branches("", "", "f(this.z);").replace("right() {", "right() { this.z = 1;"),
      ["Step left reads this.z, which right sets, but right does not come before left."],
    ],
    [
      "not merged by name",
      branches("this.mergeArtifacts(inputs, { include: ['other'] });", "f(this.x);"),
      ["Step end reads this.x, which left sets, but join, a join in between, does not carry it on."],
    ],
    [
      "left out of a merge",
      branches("this.mergeArtifacts(inputs, { exclude: ['x'] });", "f(this.x);"),
      ["Step end reads this.x, which left sets, but join, a join in between, does not carry it on."],
    ],
    [
      "the error that a step caught",
      branches("", "f(this.problem);").replace("@step left", "@step @catchError({ var: 'problem' }) left"),
      ["Step end reads this.problem, which left sets, but join, a join in between, does not carry it on."],
    ],
    ["merged", branches("this.mergeArtifacts(inputs);", "f(this.x, this.before);"), []],
    ["merged by name", branches("this.mergeArtifacts(inputs, { include: ['x'] });", "f(this.x);"), []],
    ["merged in ways that the source does not show", branches("this.mergeArtifacts(inputs, options);", "f(this.x);"), []],
    ["set by the join", branches("this.x = inputs.left.x;", "f(this.x);"), []],
    ["that nobody sets", branches("", "f(this.nothing);"), []],
    ["set by the step itself", branches("", "this.x = 1; f(this.x);"), []],
    ["of a join that hands the flow on", branches("help(this, inputs);", "f(this.x);"), []],
    ["that a step upstream may set", branches("help(this);", "f(this.y);", "this.y = 1;"), []],
    ["parameters", `${branches("", "f(this.alpha);", "this.alpha = 2;")} alpha = parameter({ default: 1 });`, []],
    ["fields with an initialiser", `${branches("", "f(this.kept);", "this.kept = 2;")} kept = 1;`, []],
    [
      "fields that are only declared",
      `${branches("", "f(this.kept);", "this.kept = 2;")} kept;`,
      ["Step end reads this.kept, which left sets, but join, a join in between, does not carry it on."],
    ],
  ])("%s", (_, body, found) => {
    expect(lint(body).map(({ message }) => message)).toEqual(found);
  });

  test("come round in a loop", () => {
    const body = `@step start() { this.next(this.a); } @step a() { f(this.x); if (this.x) this.next(this.end); else this.next(this.b); } @step b() { this.x = 1; this.next(this.a); } ${end}`;
    expect(lint(body)).toEqual([]);
  });
});

test("every option of run is reserved", () => {
  for (const { option, type, fallback } of Object.values(settingDefinitions)) {
    if (option === undefined) continue;
    expect(reservedFlags).toContain(option);
    if (typeof fallback === "boolean" && type !== undefined) expect(reservedFlags).toContain(`no-${option}`);
  }
});
