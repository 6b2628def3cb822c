import { entry } from "./entry.js";
import { formatSourceProblems, type SourceProblem } from "../source-problem.js";

function countOf(problems: readonly SourceProblem[]): string {
  return problems.length === 1 ? "" : `, in ${problems.length} places`;
}

/** Flow files: finding, bundling, loading, parameters, decorators. */
export const flowErrors = {
  "flow-file-missing": entry<{ file: string; near?: string }>({
    when: "The flow's file does not exist.",
    message: ({ file }) => `There is no file ${file}.`,
    hint: ({ near }) => (near === undefined ? "Give the path of a flow's TypeScript file, relative to this folder." : `Did you mean ${near}?`),
    usage: true,
  }),
  "flow-file-folder": entry<{ file: string; files: readonly string[] }>({
    when: "A folder was given where a flow's file was wanted.",
    message: ({ file }) => `${file} is a folder, not a flow's file.`,
    hint: ({ files }) =>
      files.length === 0
        ? "Give the path of a flow's TypeScript file."
        : `Give the file: ${files.slice(0, 5).join(", ")}${files.length > 5 ? ", …" : ""}.`,
    usage: true,
  }),
  "flow-file-kind": entry<{ file: string; extensions: readonly string[] }>({
    when: "The flow's file is not TypeScript or JavaScript.",
    message: ({ file }) => `${file} is not a TypeScript or JavaScript file.`,
    hint: ({ extensions }) => `A flow's file ends in ${extensions.join(", ")}.`,
    usage: true,
  }),
  "flow-syntax": entry<{ file: string; problems: readonly SourceProblem[] }>({
    when: "The flow's code does not read as TypeScript.",
    message: ({ file, problems }) => `The code of ${file} does not read as TypeScript${countOf(problems)}:\n\n${formatSourceProblems(problems)}`,
    hint: ({ problems }) => (problems.length === 1 ? "Correct the line shown." : "Correct the lines shown."),
    usage: true,
  }),
  "import-missing": entry<{ file: string; problems: readonly SourceProblem[] }>({
    when: "The flow's code imports a file or a name that does not exist.",
    message: ({ file, problems }) => `The code of ${file} imports what does not exist${countOf(problems)}:\n\n${formatSourceProblems(problems)}`,
    hint: ({ problems }) => (problems.length === 1 ? "Correct the import shown." : "Correct the imports shown."),
    usage: true,
  }),
  "import-unsupported": entry<{ file: string; problems: readonly SourceProblem[] }>({
    when: "The flow's code imports a file that is neither code, JSON nor text.",
    message: ({ file, problems }) =>
      `The code of ${file} imports files that are neither code, JSON nor text${countOf(problems)}:\n\n${formatSourceProblems(problems)}`,
    hint: () =>
      'Read such a file when it is needed: await readFile(new URL("./data.csv", import.meta.url)), from node:fs/promises; or give it to the run with includeFile.',
    usage: true,
  }),
  "package-missing": entry<{ packages: readonly string[]; problems: readonly SourceProblem[]; usesNpm: boolean }>({
    when: "The flow's code imports a package that is not installed.",
    message: ({ packages, problems }) =>
      `${packages.length === 1 ? `The package ${packages[0]} is` : `The packages ${packages.join(", ")} are`} not installed:\n\n${formatSourceProblems(problems)}`,
    hint: ({ packages, usesNpm }) =>
      `Run npm install ${packages.join(" ")}${usesNpm ? `. Packages of a step's @npm are there only within the step: import them in it, with await` : ""}`,
    usage: true,
  }),
  "package-path-missing": entry<{ problems: readonly SourceProblem[] }>({
    when: "The flow's code imports a path that an installed package does not have.",
    message: ({ problems }) => `A package has no such path${countOf(problems)}:\n\n${formatSourceProblems(problems)}`,
    hint: () => "Look the path up in the package's documentation, or install the version that has it.",
    usage: true,
  }),
  "flow-none": entry<{ file: string; exports: readonly string[]; unexported?: string }>({
    when: "The flow's file exports no class that extends FlowSpec.",
    message: ({ file, exports, unexported }) =>
      unexported === undefined
        ? `${file} exports no flow: ${exports.length === 0 ? "it exports nothing" : `what it exports (${exports.join(", ")}) does not extend FlowSpec`}.`
        : `${file} has a flow, ${unexported}, but does not export it.`,
    hint: ({ unexported }) => `Write export default class ${unexported ?? "MyFlow"} extends FlowSpec { … }.`,
    usage: true,
  }),
  "flow-several": entry<{ file: string; flows: readonly string[] }>({
    when: "The flow's file exports several flows, none of them as its default.",
    message: ({ file, flows }) => `${file} exports several flows: ${flows.join(", ")}.`,
    hint: ({ file, flows }) => `Say which one: ${file}#${flows[0] ?? "Name"}; or make one of them the default export.`,
    usage: true,
  }),
  "flow-name-unknown": entry<{ file: string; name: string; flows: readonly string[]; near?: string; found?: string }>({
    when: "The flow's file exports no flow of the name given after #.",
    message: ({ file, name, found }) =>
      found === undefined
        ? `${file} exports no flow named ${name}.`
        : `${name}, which ${file} exports, is ${found}, not a class that extends FlowSpec.`,
    hint: ({ file, flows, near }) =>
      near !== undefined ? `Did you mean ${file}#${near}?` : flows.length === 0 ? "It exports no flow at all." : `It exports ${flows.join(", ")}.`,
    usage: true,
  }),
  "flow-load-failed": entry<{ file: string; problem: SourceProblem; frames: readonly string[]; hint?: string | undefined }>({
    when: "The flow's code throws while it is loaded, before any step runs.",
    message: ({ file, problem, frames }) =>
      [
        `${file} cannot be loaded; its code throws outside any step:`,
        `\n\n${formatSourceProblems([problem])}`,
        ...frames.map((frame) => `\n    at ${frame}`),
      ].join(""),
    hint: ({ hint }) => hint ?? "Correct the line shown, or move it into a step.",
    usage: true,
  }),
  "code-package-damaged": entry<{ problem: string }>({
    when: "A recorded code package does not read.",
    message: ({ problem }) => `The code package is damaged: ${problem}.`,
    hint: () => "Use the flow's file instead of the recorded code.",
  }),
  "bundler-failed": entry<{ reason: string }>({
    when: "esbuild, which bundles flows, does not run on this machine.",
    message: ({ reason }) => `esbuild, which bundles the flow's code, does not run: ${reason}`,
    hint: () => "Install the packages anew on this machine (npm ci); packages copied from another system do not run here.",
  }),
  "code-cache-unwritable": entry<{ directory: string; reason: string }>({
    when: "The folder for bundled code cannot be written.",
    message: ({ directory, reason }) => `Cannot write the bundled code to ${directory}: ${reason}.`,
    hint: () => "Make the folder writable, free some space, or set MILLRACE_DATASTORE to a folder that is.",
  }),
  "decorator-legacy": entry<{ decorator: string }>({
    when: "A decorator was compiled in TypeScript's old experimental form.",
    message: ({ decorator }) => `@${decorator} was called as an experimental decorator.`,
    hint: () => "millrace uses standard decorators: take experimentalDecorators out of tsconfig.json.",
    usage: true,
  }),
  "decorator-misplaced": entry<{ decorator: string; place: string; belongs: string }>({
    when: "A decorator stands on something it is not made for.",
    message: ({ decorator, place, belongs }) => `@${decorator} stands on ${place}, but belongs on ${belongs}.`,
    hint: ({ decorator, belongs }) => `Move @${decorator} to ${belongs}, or take it away.`,
    usage: true,
  }),
  "decorator-twice": entry<{ decorator: string; on: string; named?: string | undefined; example?: string | undefined }>({
    when: "The same decorator stands twice on a step or a class, or two that need different ids have the same.",
    message: ({ decorator, on, named }) => `@${decorator} stands twice on ${on}${named === undefined ? "" : ` as “${named}”`}.`,
    hint: ({ example }) => (example === undefined ? "Keep one." : `Give each an id of its own, such as ${example}, or keep one.`),
    usage: true,
  }),
  "decorator-needs-options": entry<{ decorator: string; example: string }>({
    when: "A decorator that needs options stands without them.",
    message: ({ decorator }) => `@${decorator} needs options.`,
    hint: ({ example }) => `Write ${example}.`,
    usage: true,
  }),
  "unknown-decorator-option": entry<{ decorator: string; option: string; nearest?: string | undefined; options: readonly string[] }>({
    when: "A decorator was given an option that it does not have.",
    message: ({ decorator, option }) => `@${decorator} has no option ${option}.`,
    hint: ({ decorator, nearest, options }) =>
      options.length === 0
        ? `@${decorator} takes no options.`
        : `${nearest === undefined ? "" : `Did you mean ${nearest}? `}It takes ${options.join(", ")}.`,
    usage: true,
  }),
  "bad-decorator-option": entry<{ decorator: string; option: string; value: string; expected: string }>({
    when: "A decorator's option has a value of the wrong kind.",
    message: ({ decorator, option, value, expected }) => `${option} of @${decorator} is ${value}, but must be ${expected}.`,
    hint: ({ option, expected }) => `Give ${option} ${expected}.`,
    usage: true,
  }),
  "bad-decorator-options": entry<{ decorator: string; problem: string; example: string }>({
    when: "A decorator's options do not go together.",
    message: ({ decorator, problem }) => `@${decorator}: ${problem}.`,
    hint: ({ example }) => `For example ${example}.`,
    usage: true,
  }),
  "unknown-decorator": entry<{ name: string; nearest?: string | undefined; available: readonly string[] }>({
    when: "--with names a decorator that there is not.",
    message: ({ name }) => `--with names ${name === "" ? "no decorator" : `“${name}”, which is no decorator of steps`}.`,
    hint: ({ nearest, available }) => `${nearest === undefined ? "" : `Did you mean ${nearest}? `}There are ${available.join(", ")}.`,
    usage: true,
  }),
  "with-without-colon": entry<{ text: string; meant: string }>({
    when: "--with has `=` where a colon parts a decorator from its options.",
    message: ({ text }) => `--with ${text}: a decorator's name and its options are parted by a colon.`,
    hint: ({ meant }) => `Write --with ${meant}`,
    usage: true,
  }),
  "bad-with": entry<{ text: string; part: string }>({
    when: "--with cannot be read as NAME:option=value,option=value.",
    message: ({ text, part }) => `--with ${text}: “${part}” is not option=value.`,
    hint: () => "Write a decorator's name, a colon, and options: --with retry:times=2,delay=5s.",
    usage: true,
  }),
  "parameter-outside-field": entry<{ call: string }>({
    when: "parameter() or includeFile() was called outside a flow's field, or the flow was constructed by hand.",
    message: ({ call }) => `${call} was called outside the construction of a flow.`,
    hint: ({ call }) =>
      `Write it as a field's value in the class: alpha = ${call.replace("()", "({ … })")}. millrace constructs the flow; do not call new on it.`,
    usage: true,
  }),
  "parameter-not-a-field": entry<{ flow: string; call: string; field?: string | undefined }>({
    when: "What parameter() or includeFile() gives is not the whole value of a public field.",
    message: ({ flow, call, field }) =>
      field === undefined ? `A ${call} of ${flow} is not the value of a field.` : `Field ${field} of ${flow} makes something else of its ${call}.`,
    hint: ({ call }) =>
      `Give each parameter a plain public field of its own, alpha = ${call.replace("()", "({ … })")}, and compute from it in another field or in start.`,
    usage: true,
  }),
  "bad-parameter-options": entry<{ call: string; problem: string; fix: string }>({
    when: "The options of parameter() or includeFile() are not right.",
    message: ({ call, problem }) => `${call}: ${problem}.`,
    hint: ({ fix }) => fix,
    usage: true,
  }),
  "flow-unreadable": entry<{ flow: string; reason: string }>({
    when: "The text of a flow's class cannot be parsed.",
    message: ({ flow, reason }) => `The source of ${flow} cannot be read: ${reason}.`,
    hint: () => "millrace reads the graph from the class's source; give it the flow's TypeScript file, not code that was made at run time.",
    usage: true,
  }),
  "flow-construction-failed": entry<{
    flow: string;
    reason: string;
    field?: string | undefined;
    after?: string | undefined;
    withoutValue: readonly string[];
  }>({
    when: "A field's initialiser, or the constructor, of a flow threw.",
    message: ({ flow, reason, field }) => `${field === undefined ? flow : `Field ${field} of ${flow}`} could not be made: ${reason}`,
    hint: ({ withoutValue }) =>
      withoutValue.length === 0
        ? "Correct the initialiser, or move its work into start."
        : `While the parameters are read, ${withoutValue.join(", ")} ${withoutValue.length === 1 ? "is" : "are"} empty, for want of a default. Put parameters first, and move work that can fail into start.`,
    usage: true,
  }),
  "unknown-parameter": entry<{
    name: string;
    source: string;
    flow?: string | undefined;
    nearest?: string | undefined;
    parameters: readonly string[];
  }>({
    when: "A value was given for a parameter that the flow does not have.",
    message: ({ name, source }) => `${source} gives ${name}, which is no parameter of the flow.`,
    hint: ({ nearest, parameters }) =>
      `${nearest === undefined ? "" : `Did you mean ${nearest}? `}${parameters.length === 0 ? "The flow has no parameters." : `There are ${parameters.join(", ")}.`}`,
    usage: true,
  }),
  "parameter-missing": entry<{ name: string; flag: string; expected: string }>({
    when: "A required parameter was given no value.",
    message: ({ name }) => `Parameter ${name} has no value.`,
    hint: ({ flag, expected }) => `Give --${flag} ${expected}, or give the parameter a default.`,
    usage: true,
  }),
  "bad-parameter-value": entry<{ name: string; source: string; value: string; expected: string }>({
    when: "A parameter was given a value that its type does not take.",
    message: ({ name, source, value, expected }) => `${source} is ${value}, but ${name} takes ${expected}.`,
    hint: ({ source, expected }) => `Give ${source} ${expected}.`,
    usage: true,
  }),
  "parameter-refused": entry<{ name: string; source: string; value: string; issues: string }>({
    when: "A parameter's schema refused the value.",
    message: ({ name, source, value, issues }) => `${source} is ${value}, which the schema of ${name} refuses: ${issues}.`,
    hint: ({ source }) => `Give ${source} a value that the schema takes.`,
    usage: true,
  }),
  "parameter-default-failed": entry<{ name: string; reason: string }>({
    when: "The function that makes a parameter's default threw.",
    message: ({ name, reason }) => `The default of parameter ${name} failed: ${reason}`,
    hint: ({ name }) => `Correct the function, or give ${name} a value.`,
    usage: true,
  }),
  "bad-parameter-default": entry<{ name: string; value: string; expected: string }>({
    when: "The function that makes a parameter's default gave a value of another type.",
    message: ({ name, value, expected }) => `The default of parameter ${name} came out as ${value}, but it takes ${expected}.`,
    hint: ({ name }) => `Correct the function, or the type, of ${name}.`,
    usage: true,
  }),
  "parameter-file-unreadable": entry<{ name: string; flag?: string | undefined; source: string; file: string; reason: string; base: string }>({
    when: "The file of an includeFile() parameter cannot be read.",
    message: ({ name, source, file, reason }) => `${source} of ${name} names ${file}, which cannot be read: ${reason}.`,
    hint: ({ flag, base }) =>
      `The path is relative to ${base}.${flag === undefined ? "" : ` --${flag} FILE names another, relative to the current folder.`}`,
    usage: true,
  }),
};
