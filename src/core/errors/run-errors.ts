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
