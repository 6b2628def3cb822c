import { entry } from "./entry.js";

/** “Did you mean X?” before the rest of a hint, where a near name is known. */
const nearestFirst = (nearest: string | undefined, rest: string): string => (nearest === undefined ? rest : `Did you mean ${nearest}? ${rest}`);

/** The command line, configuration, finding runs. */
export const commandErrors = {
  "bad-pathspec": entry<{ pathspec: string }>({
    when: "A pathspec does not read as Flow/run[/step[/task[/artifact]]].",
    message: ({ pathspec }) => `“${pathspec}” is not a pathspec.`,
    hint: () => "Write Flow/run[/step[/task[/artifact]]], for example ScoreFlow/12/score/3; latest stands for the newest run.",
    usage: true,
  }),
  "pathspec-too-long": entry<{ pathspec: string; wanted: string; example: string }>({
    when: "A command takes a shorter pathspec than it was given.",
    message: ({ pathspec, wanted }) => `“${pathspec}” names more than a ${wanted}.`,
    hint: ({ example }) => `Write ${example}.`,
    usage: true,
  }),
  "pathspec-too-short": entry<{ pathspec: string; wanted: string; example: string }>({
    when: "More was to be named than a pathspec names.",
    message: ({ pathspec, wanted }) => `“${pathspec}” does not name a ${wanted}.`,
    hint: ({ example }) => `Write ${example}.`,
    usage: true,
  }),
  "unknown-command": entry<{ command: string; nearest?: string | undefined }>({
    when: "The word after millrace is none of its commands.",
    message: ({ command }) => `There is no command “${command}”.`,
    hint: ({ nearest }) => nearestFirst(nearest, "millrace help lists the commands."),
    usage: true,
  }),
  "command-missing": entry<{ option: string }>({
    when: "An option stands where the command should.",
    message: ({ option }) => `The command is missing: ${option} stands in its place.`,
    hint: () => "The command comes first, its options anywhere after it: millrace run flow.ts --max-workers 4. millrace help lists the commands.",
    usage: true,
  }),
  "unknown-option": entry<{ option: string; command: string; nearest?: string | undefined; flow?: string | undefined }>({
    when: "An option is neither the command's nor a parameter of the flow.",
    message: ({ option, command, flow }) =>
      flow === undefined ? `${command} has no option ${option}.` : `${option} is neither an option of ${command} nor a parameter of ${flow}.`,
    hint: ({ nearest, command, flow }) =>
      nearestFirst(
        nearest,
        command === "resume"
          ? "millrace resume --help lists what there is; a resumed run has the parameters of the one it goes on from, millrace run takes new ones."
          : `millrace ${command} ${flow === undefined ? "" : "FLOW "}--help lists what there is.`,
      ),
    usage: true,
  }),
  "option-without-value": entry<{ option: string; expected: string; next?: string | undefined }>({
    when: "An option that takes a value stands without one.",
    message: ({ option, next }) => (next === undefined ? `${option} needs a value.` : `${option} needs a value, but ${next} follows.`),
    hint: ({ option, expected, next }) =>
      `Write ${option} ${expected}.${next === undefined ? "" : ` A value that begins with a dash is joined on: ${option}=${next}.`}`,
    usage: true,
  }),
  "option-with-value": entry<{ option: string; value: string }>({
    when: "An option that takes no value was given one.",
    message: ({ option, value }) => `${option} takes no value, but was given “${value}”.`,
    hint: ({ option }) => `Write ${option} alone.`,
    usage: true,
  }),
  "option-not-boolean": entry<{ option: string; value: string }>({
    when: "An option that is on or off was given another value.",
    message: ({ option, value }) => `${option} is true or false, not “${value}”.`,
    hint: ({ option }) => `Write ${option} or ${option}=false.`,
    usage: true,
  }),
  "option-repeated": entry<{ option: string; first: string; second: string }>({
    when: "An option that holds one value was given twice.",
    message: ({ option, first, second }) => `${option} was given twice: “${first}” and “${second}”.`,
    hint: () => "Leave one out.",
    usage: true,
  }),
  "bad-option-value": entry<{ source: string; value: string; expected: string }>({
    when: "A setting's value, from the command line, the environment or the configuration file, is not of its kind.",
    message: ({ source, value, expected }) => `${source} should be ${expected}, but is ${value}.`,
    hint: ({ source, expected }) => `Give ${source} ${expected}, or leave it out.`,
    usage: true,
  }),
  "argument-missing": entry<{ command: string; argument: string; usage: string }>({
    when: "A command lacks an argument.",
    message: ({ command, argument }) => `${command} needs ${argument}.`,
    hint: ({ usage }) => `Write ${usage}.`,
    usage: true,
  }),
  "argument-unexpected": entry<{ command: string; argument: string; usage: string }>({
    when: "A command was given an argument more than it takes.",
    message: ({ command, argument }) => `${command} takes no further argument, but was given “${argument}”.`,
    hint: ({ usage }) => `Write ${usage}. A flow's parameters are options: --name value.`,
    usage: true,
  }),
  "options-exclude": entry<{ options: string }>({
    when: "Two options that exclude each other were given.",
    message: ({ options }) => `${options} exclude each other.`,
    hint: () => "Leave one out.",
    usage: true,
  }),
  "config-unreadable": entry<{ file: string; reason: string }>({
    when: "The configuration file is there but cannot be read.",
    message: ({ file, reason }) => `${file} cannot be read: ${reason}.`,
    hint: ({ file }) => `Make ${file} readable, or remove it.`,
    usage: true,
  }),
  "config-malformed": entry<{ file: string; reason: string }>({
    when: "The configuration file is not JSON, or not an object.",
    message: ({ file, reason }) => `${file} is not valid: ${reason}.`,
    hint: () => "It holds one JSON object; JSON has double quotes only, no comments, and no comma after the last entry.",
    usage: true,
  }),
  "config-key-unknown": entry<{ key: string; file: string; nearest?: string | undefined; known: string }>({
    when: "The configuration file holds a key that is no setting.",
    message: ({ key, file }) => `${file} sets “${key}”, which is no setting.`,
    hint: ({ nearest, known }) => nearestFirst(nearest, `There are: ${known}.`),
    usage: true,
  }),
  "config-parameter-unknown": entry<{ parameter: string; flow: string; file: string; nearest?: string | undefined }>({
    when: "The configuration file sets a parameter that the flow does not have.",
    message: ({ parameter, flow, file }) => `${file} sets “${parameter}” for ${flow}, which has no such parameter.`,
    hint: ({ nearest, flow }) => nearestFirst(nearest, `millrace run FLOW --help lists ${flow}'s parameters.`),
    usage: true,
  }),
  "datastore-unsupported": entry<{ datastore: string; source: string }>({
    when: "The datastore's location is of a kind that this version cannot use.",
    message: ({ datastore, source }) => `The datastore ${datastore} (${source}) is of a kind that millrace does not know.`,
    hint: () => "Give a path, s3://bucket/prefix, or local for .millrace at the project's root.",
    usage: true,
  }),
  "s3-root-missing": entry<{ source: string }>({
    when: "The datastore s3 was asked for, and nothing says which bucket that is.",
    message: ({ source }) => `${source} says s3, but not which bucket.`,
    hint: () =>
      'Set MILLRACE_S3_ROOT=s3://bucket/prefix or "s3Root" in millrace.config.json, or name the place itself: --datastore s3://bucket/prefix.',
    usage: true,
  }),
  "s3-url-malformed": entry<{ url: string; source: string }>({
    when: "A place in S3 does not read as s3://bucket/prefix.",
    message: ({ url, source }) => `“${url}” (${source}) is no place in S3.`,
    hint: () => "Write s3://bucket or s3://bucket/prefix.",
    usage: true,
  }),
  "gc-latest": entry<{ flow: string }>({
    when: "gc was told to drop the latest run: a run may have begun since one last looked.",
    message: ({ flow }) => `gc takes no “latest”: another run of ${flow} may be the latest by now.`,
    hint: ({ flow }) => `Name the run by its number: millrace gc ${flow}/12. millrace runs ${flow} lists them.`,
    usage: true,
  }),
  "attempt-missing": entry<{ task: string; attempt: number; last: number }>({
    when: "A task has no attempt of that number.",
    message: ({ task, attempt }) => `${task} has no attempt ${attempt}.`,
    hint: ({ last }) => (last === 0 ? "It was tried once: that is attempt 0." : `Its attempts are 0 to ${last}.`),
  }),
  "init-occupied": entry<{ files: string; folder: string }>({
    when: "init would overwrite files.",
    message: ({ files, folder }) => `${folder} has ${files} already; nothing was written.`,
    hint: () => "Give init a folder that does not exist yet: millrace init my-project.",
    usage: true,
  }),
  "cannot-write": entry<{ file: string; reason: string }>({
    when: "A command cannot write a file that it was asked to write.",
    message: ({ file, reason }) => `${file} cannot be written: ${reason}.`,
    hint: () => "Check that the folder exists, that you may write there, and that the disk has room.",
  }),
  "jobs-action-unknown": entry<{ command: string; action: string; nearest: string | undefined }>({
    when: "The word after millrace batch or millrace slurm is neither list nor kill.",
    message: ({ command, action }) => `millrace ${command} cannot “${action}”.`,
    hint: ({ nearest }) => nearestFirst(nearest, "It can list and kill."),
    usage: true,
  }),
  "shell-unknown": entry<{ shell: string; nearest?: string | undefined }>({
    when: "completion was asked for a shell that it does not know.",
    message: ({ shell }) => `There is no completion for “${shell}”.`,
    hint: ({ nearest }) => nearestFirst(nearest, "The shells are bash, zsh, fish and powershell."),
    usage: true,
  }),
};
