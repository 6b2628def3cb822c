import { branch, choice, foreach, line, loop, type Flow } from "./model.js";

/** Shapes of flows by name, one group a test file. */
export type Shapes = Readonly<Record<string, Flow>>;

/** Linear flows and static branches. */
export const branches: Shapes = {
  linear: line("start", "middle", "end"),
  "two steps": line("start", "end"),
  branch: [branch("start", [line("left"), line("right")], "join", "merge"), ...line("end")],
  "branch with several steps": [...line("start"), branch("split", [line("a1", "a2"), line("b1"), line("c1", "c2", "c3")], "join"), ...line("end")],
  "nested branches": [
    branch("start", [[branch("outer", [line("deep1"), line("deep2")], "inner", "merge"), ...line("after")], line("flat")], "join", "include"),
    ...line("end"),
  ],
};

/** Fan-outs, alone and nested. */
export const fanOuts: Shapes = {
  foreach: [foreach("start", 3, line("body"), "join"), ...line("end")],
  "foreach with several steps": [...line("start"), foreach("fan", 3, line("first", "second", "third"), "join", "merge"), ...line("end")],
  "nested foreach": [foreach("start", 3, [foreach("outer", 2, line("body"), "inner", "merge"), ...line("after")], "join"), ...line("end")],
  "foreach three deep": [
    foreach("start", 2, [foreach("one", 2, [foreach("two", 2, line("body"), "join2")], "join1", "merge")], "join0"),
    ...line("end"),
  ],
  "foreach in branch": [branch("start", [[foreach("fan", 3, line("body"), "gather")], line("side")], "join", "merge"), ...line("end")],
  "branch in foreach": [foreach("start", 3, [branch("fork", [line("left"), line("right")], "meet", "merge")], "join"), ...line("end")],
  "wide foreach": [foreach("start", 60, line("body"), "join"), ...line("end")],
};

/** Switches, alone and in each of the others. */
export const switches: Shapes = {
  switch: [choice("start", [line("low"), line("high"), []], 1), ...line("after", "end")],
  "switch straight on": [choice("start", [line("detour", "back"), []], 1), ...line("after", "end")],
  "switch in foreach": [
    foreach("start", 5, [...line("body"), choice("pick", [line("even"), line("odd1", "odd2")]), ...line("tail")], "join", "merge"),
    ...line("end"),
  ],
  "switch that ends in the join": [foreach("start", 4, [choice("pick", [line("even"), line("odd")])], "join"), ...line("end")],
  "foreach in switch": [choice("start", [[foreach("fan", 3, line("body"), "gather", "merge")], line("skip")], 0), ...line("end")],
  "branch in switch": [choice("start", [line("skip"), [branch("fork", [line("left"), line("right")], "meet")]], 1), ...line("after", "end")],
  "switch in branch": [branch("start", [[choice("pick", [line("low"), line("high")], 1)], line("side")], "join", "merge"), ...line("end")],
};

/** Loops, alone and in each of the others. */
export const loops: Shapes = {
  loop: [...line("start"), loop("refine", 4), ...line("end")],
  "loop over several steps": [...line("start"), loop("check", 3, line("work", "measure")), ...line("after", "end")],
  "loop in foreach": [foreach("start", 3, [...line("body"), loop("refine", 3)], "join", "merge"), ...line("end")],
  "loop in branch": [branch("start", [[loop("refine", 3, line("try1"))], line("side")], "join"), ...line("end")],
  "foreach in loop": [...line("start"), loop("again", 3, [foreach("fan", 2, line("body"), "gather", "include")]), ...line("end")],
  "branch in loop": [...line("start"), loop("again", 2, [branch("fork", [line("left"), line("right")], "meet", "merge")]), ...line("end")],
  "loop in loop": [...line("start"), loop("outer", 2, [...line("prepare"), loop("inner", 3, line("work"))]), ...line("end")],
};

/** Joins that go on in every way. */
export const joins: Shapes = {
  "join that fans out": [
    branch("start", [line("left"), line("right")], "meet", "merge"),
    foreach(undefined, 3, line("body"), "join"),
    ...line("end"),
  ],
  "join that branches": [
    foreach("start", 3, line("body"), "gather", "merge"),
    branch(undefined, [line("left"), line("right")], "join"),
    ...line("end"),
  ],
  "join that switches": [foreach("start", 2, line("body"), "gather"), choice(undefined, [line("low"), line("high")], 1), ...line("end")],
  "nested join that fans out": [
    foreach("start", 2, [branch("fork", [line("left"), line("right")], "meet"), foreach(undefined, 2, line("body"), "gather")], "join"),
    ...line("end"),
  ],
  "end that joins": [foreach("start", 3, line("body"), "end", "merge")],
  "end that joins branches": [branch("start", [line("left"), line("right")], "end", "include")],
};
