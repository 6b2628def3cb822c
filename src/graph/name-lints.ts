import type { FlowDefinition, ParameterDefinition } from "../core/definition.js";
import type { Problem } from "../core/graph.js";
import { isFlowMember, listFlowMembers } from "./flow-members.js";
import { problem } from "./problem.js";

/** What can stand in a pathspec. */
const NAME = /^[A-Za-z_$][\w$]*$/;

/** Options of `run` and `resume`, which a parameter's option would hide; those that take no value also as `--no-…`. */
export const reservedFlags: ReadonlySet<string> = new Set([
  "branch",
  "color",
  "datastore",
  "help",
  "json",
  "keep-going",
  "max-log-size",
  "max-num-splits",
  "max-workers",
  "namespace",
  "no-json",
  "no-keep-going",
  "no-production",
  "no-quiet",
  "origin-run-id",
  "package-suffixes",
  "production",
  "quiet",
  "run-id-file",
  "tag",
  "user",
  "version",
  "with",
]);

/** Names that cannot be what they are. */
export function* findBadNames(definition: FlowDefinition): Generator<Problem> {
  if (!NAME.test(definition.name) || definition.name === "default") yield problem("flow-unnamed", { name: definition.name }, definition.position);
  yield* badStepNames(definition);
  yield* badMemberNames(definition);
  yield* badArtifactNames(definition);
  yield* badParameterNames(definition.parameters);
}

function* badStepNames({ steps }: FlowDefinition): Generator<Problem> {
  const byLowerCase = new Map<string, string>();
  for (const { name, position, arity } of steps) {
    if (isFlowMember(name)) yield problem("reserved-name", { what: "A step", name, reserved: listFlowMembers() }, position);
    else if (!NAME.test(name)) yield problem("bad-step-name", { step: name }, position);
    const alike = byLowerCase.get(name.toLowerCase());
    if (alike !== undefined) yield problem("steps-alike", { first: alike, second: name }, position);
    byLowerCase.set(name.toLowerCase(), name);
    if (arity > 1) yield problem("too-many-parameters", { step: name, count: arity }, position);
  }
}

function* badMemberNames({ members }: FlowDefinition): Generator<Problem> {
  for (const { name, kind, decorators, position } of members) {
    if (isFlowMember(name)) yield problem("reserved-name", { what: `A ${kind}`, name, reserved: listFlowMembers() }, position);
    if (decorators !== undefined) yield problem("decorators-without-step", { method: name, decorators }, position);
  }
}

function* badArtifactNames({ steps }: FlowDefinition): Generator<Problem> {
  const stepNames = new Set(steps.map(({ name }) => name));
  for (const { name: step, sets, position } of steps) {
    for (const name of sets) {
      if (isFlowMember(name)) yield problem("reserved-name", { what: "An artifact", name, reserved: listFlowMembers() }, position);
      else if (stepNames.has(name)) yield problem("artifact-is-step", { name, step }, position);
    }
  }
}

function* badParameterNames(parameters: readonly ParameterDefinition[]): Generator<Problem> {
  const byReading = new Map<string, ParameterDefinition>();
  for (const parameter of parameters) {
    const { name, flag, position } = parameter;
    if (isFlowMember(name)) yield problem("reserved-name", { what: "A parameter", name, reserved: listFlowMembers() }, position);
    const reason = whyReserved(flag);
    if (reason !== undefined) yield problem("parameter-flag-reserved", { name, flag, reason }, position);
    for (const reading of readingsOf(parameter)) {
      const other = byReading.get(reading);
      if (other !== undefined && other !== parameter) {
        yield problem("parameters-alike", { first: other.name, second: name, flag: reading }, position);
        break;
      }
      byReading.set(reading, parameter);
    }
  }
}

function whyReserved(flag: string): string | undefined {
  if (flag === "") return "which has no letters";
  // MILLRACE_RUN_ID_FILE would set it as well as --run-id-file.
  if (flag === "id-file") return "whose environment variable is the one of --run-id-file";
  return reservedFlags.has(flag) ? "which is an option of run" : undefined;
}

/** What a command line may say for a parameter, without regard to case and dashes. */
function readingsOf({ flag, type, list }: ParameterDefinition): readonly string[] {
  const plain = flag.replaceAll("-", "");
  return type === "boolean" && !list ? [plain, `no${plain}`] : [plain];
}
