import { entry } from "./entry.js";

const didYouMean = (nearest: string | undefined): string => (nearest === undefined ? "" : `Did you mean ${nearest}? `);
const list = (names: readonly string[]): string => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

/** Problems that `check` finds in a flow's graph. */
export const graphErrors = {
  "flow-unnamed": entry<{ name: string }>({
    when: "The flow's class has no name that can stand in a pathspec.",
    message: ({ name }) => (name === "" || name === "default" ? "The flow's class has no name." : `“${name}” cannot be a flow's name.`),
    hint: () => "Name the class with letters, digits and underscores: export default class ScoreFlow extends FlowSpec.",
    usage: true,
  }),
  "start-missing": entry<{ flow: string; nearest?: string | undefined; isMethod?: boolean }>({
    when: "A flow has no step named start.",
    message: ({ flow, isMethod }) => (isMethod === true ? `The method start of ${flow} is no step.` : `${flow} has no step start.`),
    hint: ({ nearest, isMethod }) =>
      isMethod === true
        ? "Write @step before it: a run begins there."
        : `${didYouMean(nearest)}A run begins there: add @step start() { this.next(...); }.`,
    usage: true,
  }),
  "end-missing": entry<{ flow: string; nearest?: string | undefined; isMethod?: boolean }>({
    when: "A flow has no step named end.",
    message: ({ flow, isMethod }) => (isMethod === true ? `The method end of ${flow} is no step.` : `${flow} has no step end.`),
    hint: ({ nearest, isMethod }) =>
      isMethod === true ? "Write @step before it: a run is done there." : `${didYouMean(nearest)}A run is done there: add @step end() {}.`,
    usage: true,
  }),
  "step-unreachable": entry<{ step: string }>({
    when: "No path from start leads to a step.",
    message: ({ step }) => `No path from start leads to step ${step}.`,
    hint: ({ step }) => `Go on to it from some step, this.next(this.${step}), or take its @step away.`,
    usage: true,
  }),
  "target-unknown": entry<{ step: string; target: string; nearest?: string | undefined; method: boolean }>({
    when: "A step goes on to something that is no step.",
    message: ({ step, target, method }) =>
      `Step ${step} goes on to ${target}, which is ${method ? "a method without @step" : "no step of this flow"}.`,
    hint: ({ target, nearest, method }) => {
      if (method) return `Mark ${target} with @step.`;
      return nearest === undefined ? `Add a step ${target}, or name another.` : `Did you mean ${nearest}?`;
    },
    usage: true,
  }),
  "transition-missing": entry<{ step: string; opaque: boolean }>({
    when: "A step other than end never calls this.next.",
    message: ({ step }) => `Step ${step} does not say where the run goes on.`,
    hint: ({ opaque }) =>
      `Every step but end calls this.next, for example this.next(this.end).${
        opaque ? " A call in another function, or in a private #method, is not seen: write it in the step, or in a public method." : ""
      }`,
    usage: true,
  }),
  "transition-unreadable": entry<{ step: string; problem: string }>({
    when: "A call of this.next cannot be read from the source.",
    message: ({ step, problem }) => `Step ${step}: ${problem}.`,
    hint: () => "The graph is read before the run: write steps as this.stepName in the call, and foreach in an object there.",
    usage: true,
  }),
  "transitions-mixed": entry<{ step: string; first: string; second: string }>({
    when: "A step's calls of this.next do not go together.",
    message: ({ step, first, second }) => `Step ${step} calls both ${first} and ${second}.`,
    hint: () =>
      "A step may choose between calls with one target each (a switch); a branch or a foreach is its only transition. Put one of the two into a step of its own.",
    usage: true,
  }),
  "target-twice": entry<{ step: string; target: string }>({
    when: "A branch names the same step twice.",
    message: ({ step, target }) => `Step ${step} branches to ${target} twice.`,
    hint: () => "To run a step several times, fan out: this.next(this.step, { foreach: items }).",
    usage: true,
  }),
  "end-goes-on": entry<{ targets: readonly string[] }>({
    when: "The end step calls this.next.",
    message: ({ targets }) => `Step end goes on to ${list(targets)}, but the run ends there.`,
    hint: () => "Take this.next out of end, or give the step another name.",
    usage: true,
  }),
  "endless-cycle": entry<{ cycle: readonly string[] }>({
    when: "Steps follow each other in a circle that no switch leaves.",
    message: ({ cycle }) => `The run would go round for ever: ${cycle.join(" → ")}.`,
    hint: () => "A loop needs a switch that can leave it: if (done) this.next(this.end); else this.next(this.again).",
    usage: true,
  }),
  "split-without-join": entry<{ split: string; kind: "split" | "foreach" }>({
    when: "A branch or a foreach is still open at the end.",
    message: ({ split, kind }) =>
      `The ${kind === "foreach" ? "foreach" : "branch"} of step ${split} is still open at end: no join takes its tasks together.`,
    hint: () => "Let a step before end take them, join(inputs: Inputs<this>), or end itself: end(inputs: Inputs<this>).",
    usage: true,
  }),
  "join-without-split": entry<{ step: string; parameter: string }>({
    when: "A step takes inputs where no split is open.",
    message: ({ step, parameter }) =>
      `Step ${step} takes ${parameter}, so it is a join, but there is nothing to join: no branch or foreach is open there.`,
    hint: () => "Take its parameter away, or come to it from the branches of a split.",
    usage: true,
  }),
  "unrelated-splits": entry<{ step: string; first: string; firstFrom: string; second: string; secondFrom: string }>({
    when: "A join takes branches of different splits.",
    message: ({ step, first, firstFrom, second, secondFrom }) =>
      `Step ${step} would join branches of different splits: ${firstFrom} is in the one of ${first}, ${secondFrom} in the one of ${second}.`,
    hint: ({ second }) => `A join closes one split: join what ${second} split in a step of its own first.`,
    usage: true,
  }),
  "join-incomplete": entry<{ step: string; split: string; missing: readonly string[] }>({
    when: "A join does not take all branches of its split.",
    message: ({ step, split, missing }) => `Step ${step} joins the branches of ${split}, but not ${list(missing)}.`,
    hint: ({ step, missing }) => `Let ${list(missing)} lead to ${step} as well.`,
    usage: true,
  }),
  "split-joined-twice": entry<{ split: string; first: string; second: string }>({
    when: "The tasks of one split are joined in two places.",
    message: ({ split, first, second }) => `The split of ${split} is joined by ${first} and by ${second}.`,
    hint: ({ first }) => `Let all of its branches, and every choice in them, lead to one join, ${first}.`,
    usage: true,
  }),
  "join-parameter-missing": entry<{ step: string; split: string; from: readonly string[] }>({
    when: "Branches of a split come together in a step that takes no inputs.",
    message: ({ step, split, from }) => `${list(from)}, branches of ${split}, both go on to ${step}, which takes no inputs.`,
    hint: ({ step }) => `Make it a join: ${step}(inputs: Inputs<this>).`,
    usage: true,
  }),
  "item-without-foreach": entry<{ step: string; parameter: string }>({
    when: "A step takes an item, but no foreach leads to it.",
    message: ({ step, parameter }) => `Step ${step} takes ${parameter}, but no foreach leads to it.`,
    hint: ({ step }) =>
      `Come to it with this.next(this.${step}, { foreach: items }), or take its parameter away. If it is a join, come to it from every branch.`,
    usage: true,
  }),
  "reached-both-ways": entry<{ step: string; foreachFrom: string; plainFrom: string }>({
    when: "A step is reached both by a foreach and plainly.",
    message: ({ step, foreachFrom, plainFrom }) => `Step ${step} is reached by the foreach of ${foreachFrom}, and without an item from ${plainFrom}.`,
    hint: () => "Make it two steps; what they share can be a method that both call.",
    usage: true,
  }),
  "reached-at-two-depths": entry<{ step: string; first: string; firstSplits: readonly string[]; second: string; secondSplits: readonly string[] }>({
    when: "A step is reached inside a split and outside of it, or inside different splits.",
    message: ({ step, first, firstSplits, second, secondSplits }) =>
      `Step ${step} is reached from ${first}, ${place(firstSplits)}, and from ${second}, ${place(secondSplits)}.`,
    hint: () => "Close each split with its join first; a loop may not lead out of a split, or into one.",
    usage: true,
  }),
  "foreach-into-join": entry<{ step: string; join: string }>({
    when: "A foreach goes straight into a join.",
    message: ({ step, join }) => `Step ${step} fans out straight into the join ${join}.`,
    hint: ({ join }) => `Put the step between that is to run for each item; it then goes on to ${join}.`,
    usage: true,
  }),
  "split-into-join": entry<{ step: string; join: string }>({
    when: "A branch goes straight into its join.",
    message: ({ step, join }) => `Step ${step} branches straight into the join ${join}.`,
    hint: ({ join }) => `A branch has at least one step of its own before ${join}.`,
    usage: true,
  }),
  "catch-on-fan-out": entry<{ step: string; kind: "foreach" | "switch" }>({
    when: "@catchError stands on a step that fans out or switches.",
    message: ({ step, kind }) => `@catchError stands on step ${step}, which ${kind === "foreach" ? "fans out" : "chooses where to go on"}.`,
    hint: () => "When it fails, nobody can say where to go on. Move the work that may fail into a step before it.",
    usage: true,
  }),
  "decorators-without-step": entry<{ method: string; decorators: readonly string[] }>({
    when: "A method has decorators of steps, but no @step.",
    message: ({ method, decorators }) => `${method} has ${list(decorators.map((name) => `@${name}`))}, but not @step.`,
    hint: ({ method }) => `Add @step to ${method}, or take the others away.`,
    usage: true,
  }),
  "reserved-name": entry<{ what: string; name: string; reserved: readonly string[] }>({
    when: "A step, artifact, parameter or method has a name that belongs to every flow.",
    message: ({ what, name }) => `${what} cannot be named ${name}: every flow has a member of that name.`,
    hint: ({ reserved }) => `Choose another name than ${list(reserved)}, or what every object has (constructor, toString …).`,
    usage: true,
  }),
  "bad-step-name": entry<{ step: string }>({
    when: "A step's name cannot stand in a pathspec.",
    message: ({ step }) => `“${step}” cannot be a step's name.`,
    hint: () => "Use letters from a to z, digits and underscores.",
    usage: true,
  }),
  "steps-alike": entry<{ first: string; second: string }>({
    when: "Two steps' names differ in nothing but case.",
    message: ({ first, second }) => `Steps ${first} and ${second} differ only in case.`,
    hint: () => "Some file systems cannot tell them apart; rename one.",
    usage: true,
  }),
  "artifact-is-step": entry<{ name: string; step: string }>({
    when: "A step assigns to a field that is a step.",
    message: ({ name, step }) => `Step ${step} sets this.${name}, but ${name} is a step.`,
    hint: () => "Give the artifact another name.",
    usage: true,
  }),
  "parameter-flag-reserved": entry<{ name: string; flag: string; reason: string }>({
    when: "A parameter's option is one that run has itself.",
    message: ({ name, flag, reason }) => `Parameter ${name} is --${flag} on the command line, ${reason}.`,
    hint: () => "Give the field another name.",
    usage: true,
  }),
  "parameters-alike": entry<{ first: string; second: string; flag: string }>({
    when: "Two parameters read the same on the command line.",
    message: ({ first, second, flag }) => `Parameters ${first} and ${second} are both --${flag} on the command line.`,
    hint: () => "Rename one.",
    usage: true,
  }),
  "too-many-parameters": entry<{ step: string; count: number }>({
    when: "A step's method takes more than one parameter.",
    message: ({ step, count }) => `Step ${step} takes ${count} parameters.`,
    hint: () => "A step takes a foreach's item, or a join's inputs, or nothing; keep other values in fields.",
    usage: true,
  }),
  "artifact-unreachable": entry<{ step: string; name: string; setBy: string; lostAt?: string | undefined }>({
    when: "A step reads an artifact that no path carries to it.",
    message: ({ step, name, setBy, lostAt }) =>
      lostAt === undefined
        ? `Step ${step} reads this.${name}, which ${setBy} sets, but ${setBy} does not come before ${step}.`
        : `Step ${step} reads this.${name}, which ${setBy} sets, but ${lostAt === step ? "a join starts without what its branches set" : `${lostAt}, a join in between, does not carry it on`}.`,
    hint: ({ name, lostAt }) =>
      lostAt === undefined
        ? `Set this.${name} in a step before, or give the field an initial value.`
        : `In ${lostAt}, set this.${name} from the inputs, or call this.mergeArtifacts(inputs).`,
    usage: true,
  }),
};

function place(splits: readonly string[]): string {
  return splits.length === 0 ? "outside any split" : `inside the split of ${splits.join(" and of ")}`;
}
