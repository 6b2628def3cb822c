import { entry } from "./entry.js";

/** Flows in users' own tests. */
export const testingErrors = {
  "not-a-flow": entry<{ what: string; otherCopy: boolean }>({
    when: "What was given to millrace/testing is no flow's class.",
    message: ({ what, otherCopy }) =>
      otherCopy ? `${what} extends the FlowSpec of another copy of millrace.` : `${what} is no flow: it does not extend FlowSpec.`,
    hint: ({ otherCopy }) =>
      otherCopy
        ? "The flow and its test must import the same millrace: npm ls millrace shows which are installed. In Vitest, list millrace in server.deps.external."
        : 'Give the class itself, runFlow(ScoreFlow), or the path of its file, runFlow("score.ts").',
    usage: true,
  }),
  "flow-problems": entry<{ flow: string; problems: readonly { readonly code: string; readonly message: string; readonly hint: string }[] }>({
    when: "A flow with problems in its graph was run in a test.",
    message: ({ flow, problems }) =>
      [`${flow} cannot run:`, ...problems.map(({ code, message, hint }) => `- ${message} ${hint} (${code})`)].join("\n"),
    hint: () => "millrace check shows each problem with its place.",
    usage: true,
  }),
  "step-unknown": entry<{ step: string; flow: string; near: string | undefined; steps: readonly string[] }>({
    when: "A test names a step that the flow does not have.",
    message: ({ step, flow }) => `${flow} has no step ${step}.`,
    hint: ({ near, steps }) => (near === undefined ? `Its steps are ${steps.join(", ")}.` : `Did you mean ${near}?`),
    usage: true,
  }),
  "test-task-unknown": entry<{ step: string; task: string; tasks: readonly string[] }>({
    when: "A test asks for a task that did not run.",
    message: ({ step, task }) => `${step}/${task} did not run.`,
    hint: ({ step, tasks }) => (tasks.length === 0 ? `No task of ${step} did.` : `The tasks of ${step} that ran are ${tasks.join(", ")}.`),
  }),
  "bad-step-start": entry<{ step: string; problem: string; instead: string }>({
    when: "runStep was told to start a step from what it cannot start from.",
    message: ({ step, problem }) => `${step} ${problem}.`,
    hint: ({ instead }) => instead,
    usage: true,
  }),
  "bad-duration": entry<{ duration: string }>({
    when: "A test's clock was given a text that is no duration.",
    message: ({ duration }) => `“${duration}” is no duration.`,
    hint: () => 'Write a number with its unit: "30s", "5m", "2h", "1d".',
    usage: true,
  }),
};
