import { entry } from "./entry.js";

/** Starting and resuming runs. */
export const runErrors = {
  "resume-nothing": entry<{ flow: string; location: string }>({
    when: "There is no earlier run to resume.",
    message: ({ flow, location }) => `There is no run of ${flow} to go on from in ${location}.`,
    hint: () => "Start one with millrace run; --datastore names another place to look.",
    usage: true,
  }),
  "resume-running": entry<{ pathspec: string; host: string; pid: number }>({
    when: "The run to resume is still running.",
    message: ({ pathspec, host, pid }) => `${pathspec} is still running (process ${pid} on ${host}).`,
    hint: ({ pathspec }) => `Wait for it, or stop it, then resume. millrace status ${pathspec} shows where it is.`,
  }),
  "resume-step-unknown": entry<{ step: string; flow: string; near: string | undefined; steps: readonly string[] }>({
    when: "resume names a step that the flow does not have.",
    message: ({ step, flow }) => `${flow} has no step ${step} to run again from.`,
    hint: ({ near, steps }) => (near === undefined ? `Its steps are ${steps.join(", ")}.` : `Did you mean ${near}?`),
    usage: true,
  }),
  "task-process-lost": entry<{ file: string; how: string }>({
    when: "The process that loads a flow ended before it could say what the flow is.",
    message: ({ file, how }) => `The process that was to load ${file} ended at once (${how}).`,
    hint: () => "Does the file call process.exit outside a step, or use up the memory as it loads? What it printed stands above.",
  }),
  "spin-ambiguous": entry<{ step: string; count: number; failed: number; examples: readonly string[] }>({
    when: "spin names a step that has several tasks.",
    message: ({ step, count, failed }) => `${step} has ${count} tasks${failed > 1 ? `, ${failed} of which failed` : ""}.`,
    hint: ({ examples }) => `Name one: ${examples.join(", ")}${examples.length > 2 ? " …" : ""}.`,
    usage: true,
  }),
  "spin-not-started": entry<{ task: string; run: string }>({
    when: "spin names a task that its run never came to.",
    message: ({ task }) => `${task} was not reached: what it starts from is not there.`,
    hint: ({ run }) => `millrace status ${run} shows how far the run came.`,
  }),
  "spin-of-spin": entry<{ pathspec: string; origin: string }>({
    when: "spin names the task of a spin.",
    message: ({ pathspec }) => `${pathspec} is a spin itself.`,
    hint: ({ origin }) => `Spin the task of the run again: ${origin}.`,
    usage: true,
  }),
  "spin-other-flow": entry<{ pathspec: string; flow: string }>({
    when: "spin names a task of another flow than the one whose code it was given.",
    message: ({ pathspec, flow }) => `${pathspec} is no task of ${flow}.`,
    hint: ({ pathspec }) => `Give the file of that flow, or run the code that was recorded: millrace spin ${pathspec}.`,
    usage: true,
  }),
  "spin-step-changed": entry<{ step: string; run: string; was: string; is: string }>({
    when: "A step takes something else now than when its task ran: an item, branches, or nothing.",
    message: ({ step, run, was, is }) => `${step} took ${was} in ${run}, and takes ${is} in the code of today.`,
    hint: () => "Spin it with --code recorded, or run the flow anew.",
  }),
  "spin-step-unknown": entry<{ step: string; flow: string; run: string; near: string | undefined }>({
    when: "The step of the task to spin is not in the code of today.",
    message: ({ step, flow, run }) => `${flow} has no step ${step} any more, as it had in ${run}.`,
    hint: ({ near }) => (near === undefined ? "Spin it with --code recorded." : `Is it ${near} now? --code recorded runs the code as it was.`),
  }),
  "spin-name-unknown": entry<{ name: string; source: string; task: string; near: string | undefined; names: readonly string[] }>({
    when: "spin was given a value for an artifact that the task does not have.",
    message: ({ name, source, task }) => `${source}: ${task} has no artifact ${name}.`,
    hint: ({ near, names }) => (near === undefined ? `It has ${names.join(", ")}.` : `Did you mean ${near}?`),
    usage: true,
  }),
  "spin-input-unnamed": entry<{ name: string; source: string; inputs: readonly string[] }>({
    when: "spin was given a value for an artifact of a join's inputs without saying of which.",
    message: ({ name, source }) => `${source}: in a join, ${name} is an artifact of each input.`,
    hint: ({ name, inputs }) => `Name the input: ${inputs.map((input) => `${input}.${name}`).join(", ")}${inputs.length > 2 ? " …" : ""}.`,
    usage: true,
  }),
  "runner-option-unknown": entry<{ call: string; option: string; near: string | undefined; known: readonly string[] }>({
    when: "A Runner was given an option that it does not have.",
    message: ({ call, option }) => `${call} has no option ${option}.`,
    hint: ({ near, known }) => (near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`),
    usage: true,
  }),
  "flow-definition-problems": entry<{ flow: string; problems: readonly string[] }>({
    when: "A flow with problems in its graph was asked to run.",
    message: ({ flow, problems }) =>
      problems.length === 1 ? `${flow} has a problem: ${problems.join()}` : `${flow} has ${problems.length} problems:\n${problems.join("\n")}`,
    hint: () => "millrace check shows each with its place.",
    usage: true,
  }),
};
