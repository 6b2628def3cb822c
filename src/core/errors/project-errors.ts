import { entry } from "./entry.js";

/** Projects and their branches. */
export const projectErrors = {
  "project-name-bad": entry<{ what: "project" | "branch"; name: string; reason: string }>({
    when: "The name of a project or of its branch holds characters that it may not, or is too long.",
    message: ({ what, name, reason }) => `“${name}” cannot be the name of a ${what}: ${reason}.`,
    hint: ({ what }) =>
      what === "project"
        ? 'Write a name such as fraud_detection: @project({ name: "fraud_detection" }).'
        : "Write a name such as new_model: --branch new_model.",
    usage: true,
  }),
  "project-conflict": entry<{ option: string; code: string; said: string }>({
    when: "@project says another branch, or another answer to whether this is production, than the command line or the environment.",
    message: ({ option, code, said }) => `@project says ${option} ${code}, but the run was started with ${option} ${said}.`,
    hint: ({ option }) => `Leave one out: --${option} (MILLRACE_${option.toUpperCase()}), or ${option} of @project.`,
    usage: true,
  }),
  "project-missing": entry<{ option: string; flow: string }>({
    when: "A branch was given for a flow that belongs to no project.",
    message: ({ option, flow }) => `${option} says something of a project, but ${flow} belongs to none.`,
    hint: ({ flow }) => `Put @project({ name: "…" }) above class ${flow}, or leave it out.`,
    usage: true,
  }),
};
