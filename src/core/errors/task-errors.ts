import { entry } from "./entry.js";

/** What can go wrong inside a task. */
export const taskErrors = {
  "no-current-task": entry<{ what: string }>({
    when: "Something that only a running task has (`current`, `this.next`, `this.input` …) is used outside of one.",
    message: ({ what }) => `${what} is used outside a task.`,
    hint: () => "It has a value while a step runs; use it inside a step, not at module scope or in a field's initialiser.",
  }),
  "next-missing": entry<{ step: string; choices: readonly string[] }>({
    when: "A step other than end finished without calling this.next.",
    message: ({ step }) => `Step ${step} finished without this.next(...).`,
    hint: ({ choices }) =>
      choices.length === 0
        ? "Every step but end says where the run goes on: this.next(this.end)."
        : `Call it once on every path through the step; it may go on to ${choices.join(", ")}.`,
  }),
  "step-is-generator": entry<{ step: string }>({
    when: "A step is a generator function, whose code nobody runs.",
    message: ({ step }) => `Step ${step} is a generator, so none of its code ran.`,
    hint: ({ step }) => `Write it without the star, ${step}() or async ${step}(); a generator may be what a foreach goes over.`,
  }),
  "next-twice": entry<{ step: string; first: string; second: string }>({
    when: "A step called this.next more than once in one execution.",
    message: ({ step, first, second }) => `Step ${step} called this.next twice: first ${first}, then ${second}.`,
    hint: () => "Call it once on each path: put the calls under if and else, or return after the first. To run several steps, name them in one call.",
  }),
  "next-in-end": entry<{ target: string }>({
    when: "The end step called this.next.",
    message: ({ target }) => `Step end called this.next(${target}), but the run ends there.`,
    hint: () => "Take the call out, or put the work into a step before end.",
  }),
  "next-target-unknown": entry<{ step: string; target: string; nearest?: string | undefined }>({
    when: "this.next was given something that is no step of the flow.",
    message: ({ step, target }) => `Step ${step} called this.next with ${target}, which is no step of this flow.`,
    hint: ({ nearest }) =>
      `${nearest === undefined ? "" : `Did you mean this.${nearest}? `}Name steps as this.stepName, without calling them, and mark each with @step.`,
  }),
  "next-not-in-graph": entry<{ step: string; transition: string; graph: string }>({
    when: "A step made a transition that is not in the graph read from its source.",
    message: ({ step, transition, graph }) => `Step ${step} called ${transition}, but the flow's graph says ${graph}.`,
    hint: () => "The graph is read from the source before the run: write each this.next call out, with steps as this.stepName.",
  }),
  "foreach-not-iterable": entry<{ step: string; value: string }>({
    when: "foreach was given a value that cannot be iterated.",
    message: ({ step, value }) => `Step ${step} fans out over ${value}, which is not iterable.`,
    hint: () => "Give foreach an array, a Set, a Map, or any other iterable or async iterable.",
  }),
  "foreach-string": entry<{ step: string; value: string }>({
    when: "foreach was given a string.",
    message: ({ step, value }) => `Step ${step} fans out over the string ${value}.`,
    hint: () => "That would start a task for each letter. Give an array; for the letters, [...text].",
  }),
  "foreach-empty": entry<{ step: string; target: string }>({
    when: "A foreach had no items, and allowEmpty is not set.",
    message: ({ step, target }) => `The foreach in step ${step} produced zero splits: there is nothing to run ${target} on.`,
    hint: () => "If that can happen, say so: { foreach: items, allowEmpty: true }; the join then runs with no inputs.",
  }),
  "foreach-too-wide": entry<{ step: string; max: number; count?: number | undefined }>({
    when: "A foreach has more items than --max-num-splits allows.",
    message: ({ step, max, count }) =>
      `The foreach in step ${step} has ${count === undefined ? "" : `${count} items, `}more than ${max}${count === undefined ? " items" : ""}.`,
    hint: ({ max, count }) => `Raise the limit, for example --max-num-splits ${count ?? max * 10}, or put several items into one task.`,
  }),
  "bad-next-call": entry<{ step: string; problem: string }>({
    when: "this.next was called with arguments that it does not take.",
    message: ({ step, problem }) => `Step ${step} called this.next wrongly: ${problem}.`,
    hint: () => "It takes one or several steps, or one step and { foreach: items, label?, concurrency?, allowEmpty? }.",
  }),
  "artifact-lost": entry<{ name: string; step: string; setBy: string; lostAt?: string | undefined }>({
    when: "A step reads an artifact that some step sets, but that cannot reach it.",
    message: ({ name, step, setBy, lostAt }) =>
      lostAt === undefined
        ? `Step ${step} reads this.${name}, which step ${setBy} sets, but ${setBy} does not come before ${step}.`
        : `Step ${step} reads this.${name}, which step ${setBy} sets, but ${lostAt}, a join in between, did not carry it on.`,
    hint: ({ name, lostAt }) =>
      lostAt === undefined
        ? `Set this.${name} in a step before this one, or give the field an initial value.`
        : `In ${lostAt}, set this.${name} from the inputs, or call this.mergeArtifacts(inputs).`,
  }),
  "merge-conflict": entry<{ step: string; names: readonly string[] }>({
    when: "mergeArtifacts met artifacts that differ between the branches.",
    message: ({ step, names }) => `Step ${step} cannot merge ${names.join(", ")}: the branches differ on ${names.length === 1 ? "it" : "them"}.`,
    hint: ({ names }) =>
      `Set ${names.map((name) => `this.${name}`).join(", ")} before mergeArtifacts, or leave ${names.length === 1 ? "it" : "them"} out with { exclude: [...] }.`,
  }),
  "merge-name-missing": entry<{ step: string; names: readonly string[] }>({
    when: "mergeArtifacts was asked to include a name that no branch has.",
    message: ({ step, names }) => `Step ${step} asks to merge ${names.join(", ")}, which no branch has.`,
    hint: () => "Take the name out of include, or set it in a branch.",
  }),
  "merge-include-exclude": entry<{ step: string }>({
    when: "mergeArtifacts was given both include and exclude.",
    message: ({ step }) => `Step ${step} gives mergeArtifacts both include and exclude.`,
    hint: () => "Name what to take (include), or what to leave (exclude), not both.",
  }),
  "merge-outside-join": entry<{ step: string }>({
    when: "mergeArtifacts was called in a step that is no join, or with something other than the join's inputs.",
    message: ({ step }) => `Step ${step} calls mergeArtifacts, but not with the inputs of a join.`,
    hint: () => "Call it in a join, with the inputs that the step was given: this.mergeArtifacts(inputs).",
  }),
  "input-read-only": entry<{ name: string }>({
    when: "A join changed a field of one of its inputs.",
    message: ({ name }) => `A join's inputs can only be read; this one sets ${name} on an input.`,
    hint: ({ name }) => `Set it on the join itself: this.${name} = …`,
  }),
  "process-exit": entry<{ code: string }>({
    when: "A step called process.exit.",
    message: ({ code }) => `The step called process.exit(${code}).`,
    hint: () => "Throw an error to fail the step; return to leave it.",
  }),
  "step-never-ends": entry<object>({
    when: "A step awaits something that nothing is left to bring about.",
    message: () => "The step waits for a promise that can never settle: nothing is open any more that could settle it.",
    hint: () => "Look for a promise whose resolve is never called, or an event that never comes.",
  }),
};
