import type { FlowDefinition, StepDefinition, TransitionSite } from "../core/definition.js";
import type { Problem, StepKind } from "../core/graph.js";
import { nearestName } from "../core/nearest-name.js";
import type { SourcePosition } from "../core/source-position.js";
import { problem } from "./problem.js";

/** Where a step goes on, of the targets that there are. */
export interface StepEdges {
  readonly step: StepDefinition;
  readonly kind: StepKind;
  /** In source order, each once. */
  readonly next: readonly string[];
  /** Targets of calls that do not go together with the first. */
  readonly others: readonly string[];
  /** Where each target is named. */
  readonly positions: ReadonlyMap<string, SourcePosition | undefined>;
  /** Its transitions are in order, so the kind can be trusted. */
  readonly sound: boolean;
}

export interface FlowEdges {
  /** In source order. */
  readonly steps: ReadonlyMap<string, StepEdges>;
  /** The step named end, or the one that was meant to be. */
  readonly end: string | undefined;
  readonly problems: readonly Problem[];
}

/** Reads each step's transitions as its one kind. */
export function findEdges(definition: FlowDefinition): FlowEdges {
  const names = new Set(definition.steps.map((step) => step.name));
  const methods = new Set(definition.members.filter(({ kind }) => kind === "method").map(({ name }) => name));
  const end = names.has("end") ? "end" : meantAsEnd(definition.steps);
  const problems: Problem[] = [];
  const steps = new Map<string, StepEdges>();
  for (const step of definition.steps) {
    const found = [...unreadable(step), ...unknownTargets(step, names, methods), ...(step.name === end ? wrongEnd(step) : wrongForms(step))];
    problems.push(...found);
    steps.set(step.name, { ...edgesOf(step, names, step.name === end), sound: found.length === 0 });
  }
  return { steps, end, problems };
}

/** Where no step is named end: the only one that nothing follows. */
function meantAsEnd(steps: readonly StepDefinition[]): string | undefined {
  const [last, ...others] = steps.filter(({ transitions, opaque }) => transitions.length === 0 && !opaque);
  return others.length === 0 ? last?.name : undefined;
}

function edgesOf(step: StepDefinition, names: ReadonlySet<string>, isEnd: boolean): Omit<StepEdges, "sound"> {
  if (isEnd) return { step, kind: "end", next: [], others: [], positions: new Map() };
  const [first, ...rest] = step.transitions.filter(({ kind }) => kind !== "unreadable");
  const together = first === undefined ? [] : [first, ...rest.filter((site) => goTogether(first, site))];
  const positions = placeTargets(together, names);
  const others = placeTargets(rest, names);
  return { step, kind: kindOf(together), next: [...positions.keys()], others: [...others.keys()], positions };
}

function placeTargets(sites: readonly TransitionSite[], names: ReadonlySet<string>): Map<string, SourcePosition | undefined> {
  const positions = new Map<string, SourcePosition | undefined>();
  for (const site of sites) {
    for (const written of site.targets) {
      // A misspelt target is followed to the step that was meant, so that what comes after it is checked as well.
      const target = names.has(written) ? written : nearestName(written, names);
      if (target !== undefined && !positions.has(target)) positions.set(target, site.position);
    }
  }
  return positions;
}

function kindOf(sites: readonly TransitionSite[]): StepKind {
  if (sites.some(({ kind }) => kind === "foreach")) return "foreach";
  if (sites.some(({ targets }) => targets.length > 1)) return "split";
  return new Set(sites.flatMap(({ targets }) => targets)).size > 1 ? "switch" : "linear";
}

function* unreadable(step: StepDefinition): Generator<Problem> {
  for (const site of step.transitions) {
    if (site.kind !== "unreadable") continue;
    yield problem(
      "transition-unreadable",
      { step: step.name, problem: site.problem ?? "a call of this.next cannot be read" },
      site.position ?? step.position,
    );
  }
}

function* unknownTargets(step: StepDefinition, names: ReadonlySet<string>, methods: ReadonlySet<string>): Generator<Problem> {
  const seen = new Set<string>();
  for (const { targets, position } of step.transitions) {
    for (const target of targets) {
      if (names.has(target) || seen.has(target)) continue;
      seen.add(target);
      const method = methods.has(target);
      yield problem(
        "target-unknown",
        { step: step.name, target, nearest: method ? undefined : nearestName(target, names), method },
        position ?? step.position,
      );
    }
  }
}

function* wrongEnd({ transitions, position }: StepDefinition): Generator<Problem> {
  if (transitions.length === 0) return;
  const targets = [...new Set(transitions.flatMap((site) => site.targets))];
  yield problem("end-goes-on", { targets: targets.length > 0 ? targets : ["another step"] }, transitions[0]?.position ?? position);
}

function* wrongForms(step: StepDefinition): Generator<Problem> {
  const { name, transitions, position } = step;
  if (transitions.length === 0) yield problem("transition-missing", { step: name, opaque: step.opaque }, position);
  for (const site of transitions) {
    const twice = site.targets.find((target, index) => site.targets.indexOf(target) !== index);
    if (twice !== undefined) yield problem("target-twice", { step: name, target: twice }, site.position ?? position);
  }
  // Calls with one target each are a switch; all others have to be the same call.
  const [first, ...others] = transitions.filter((site) => site.kind !== "unreadable");
  const differing = first && others.find((site) => !goTogether(first, site));
  if (differing) {
    yield problem("transitions-mixed", { step: name, first: formOf(first), second: formOf(differing) }, differing.position ?? position);
  }
}

function goTogether(first: TransitionSite, second: TransitionSite): boolean {
  if (first.kind !== second.kind) return false;
  if (first.kind === "next" && first.targets.length === 1 && second.targets.length === 1) return true;
  return first.targets.join() === second.targets.join();
}

function formOf({ kind, targets }: TransitionSite): string {
  return `this.next(${targets.map((target) => `this.${target}`).join(", ")}${kind === "foreach" ? ", { foreach }" : ""})`;
}
