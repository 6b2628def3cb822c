import { createHash } from "node:crypto";
import type { ArtifactRead, FlowDefinition, MemberDefinition, ParameterDefinition, StepDefinition, TransitionSite } from "../core/definition.js";
import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import type { SourcePosition } from "../core/source-position.js";
import { classChain, type FlowClass } from "../flow/flow-class.js";
import { flowMetadata, type StepMetadata } from "../flow/flow-metadata.js";
import { readParameters } from "../flow/flow-parameters.js";
import { readClassSource, type ClassMember, type ClassSource } from "./class-source.js";
import { docAbove } from "./doc-comment.js";
import { isFlowMember } from "./flow-members.js";
import { readMethod, type FlowAction } from "./method-reader.js";

/** Finds the user's source of a place in a class, given the class's text (`String(Class)`) and an offset into it. */
export type Locate = (classText: string, offset: number) => SourcePosition | undefined;

/**
 * Reads a flow's class, without running a step: its steps with what each does, its parameters and decorators.
 * @param sourceOf A source file's TypeScript text, for the documentation comments; without it there are none.
 * @throws MillraceError `flow-unreadable`, and those of {@link readParameters}.
 */
export function describeFlow(Flow: FlowClass, locate: Locate, sourceOf: (file: string) => string | undefined = () => undefined): FlowDefinition {
  return new FlowReader(Flow, locate, sourceOf).describe();
}

/** A member, and the class whose text has it. */
interface FoundMember {
  readonly level: number;
  readonly source: ClassSource;
  readonly member: ClassMember;
}

class FlowReader {
  readonly #Flow: FlowClass;
  readonly #locate: Locate;
  readonly #sourceOf: (file: string) => string | undefined;
  /** From FlowSpec's own subclass down to the flow. */
  readonly #chain: readonly ClassSource[];
  readonly #stepNames: ReadonlySet<string>;
  readonly #actions = new Map<ClassMember, readonly FlowAction[]>();

  constructor(Flow: FlowClass, locate: Locate, sourceOf: (file: string) => string | undefined) {
    this.#Flow = Flow;
    this.#locate = locate;
    this.#sourceOf = sourceOf;
    this.#chain = classChain(Flow).map(readClassSource);
    this.#stepNames = new Set(flowMetadata(Flow).steps.map((step) => step.name));
  }

  describe(): FlowDefinition {
    const { decorators, steps } = flowMetadata(this.#Flow);
    const own = this.#chain.at(-1);
    const parameters = this.#readParameters().map((parameter) => this.#place(parameter));
    return {
      name: this.#Flow.name,
      ...(own && this.#about(own, 0)),
      parameters,
      steps: steps.map((step) => this.#describeStep(step)),
      decorators,
      members: this.#describeMembers(new Set([...this.#stepNames, ...parameters.map(({ name }) => name)])),
    };
  }

  #readParameters(): readonly ParameterDefinition[] {
    try {
      return readParameters(this.#Flow).definitions;
    } catch (error) {
      if (!isMillraceError(error, "flow-construction-failed")) throw error;
      // Fields are made in the order of the source, so the one after the last that was made is the one that failed.
      const fields = this.#chain.flatMap((source) =>
        [...source.members.values()].filter(({ kind }) => kind === "field").map((member) => ({ source, member })),
      );
      const failed = fields[fields.findIndex(({ member }) => member.name === error.parameters.after) + 1];
      const position = failed && this.#locate(failed.source.text, failed.member.offset);
      throw new MillraceError("flow-construction-failed", { ...error.parameters, field: failed?.member.name }, { cause: error.cause, position });
    }
  }

  #place(parameter: ParameterDefinition): ParameterDefinition {
    const found = this.#find(parameter.name);
    const position = found && this.#locate(found.source.text, found.member.offset);
    return position === undefined ? parameter : { ...parameter, position };
  }

  #describeStep({ name, decorators, method }: StepMetadata): StepDefinition {
    const found = this.#find(name);
    const code = found?.member.code;
    if (found === undefined || code === undefined) return withoutSource(name, decorators, method.length);
    const facts = new StepFacts();
    this.#collect(found, facts, new Set());
    const [parameter] = code.params;
    const left = parameter?.type === "AssignmentPattern" ? parameter.left : parameter;
    return {
      name,
      ...this.#about(found.source, found.member.offset),
      arity: code.params.length,
      ...(left?.type === "Identifier" && { parameterName: left.name }),
      decorators,
      transitions: facts.transitions,
      sets: [...facts.sets.keys()],
      setAt: Object.fromEntries([...facts.sets].flatMap(([set, position]) => (position === undefined ? [] : [[set, position] as const]))),
      reads: [...facts.reads.values()],
      opaque: facts.opaque,
      merges: facts.merges,
    };
  }

  /** Follows a method's source through the methods of the flow that it calls. */
  #collect(found: FoundMember, facts: StepFacts, followed: Set<ClassMember>): void {
    if (followed.has(found.member)) return;
    followed.add(found.member);
    for (const action of this.#actionsOf(found)) {
      switch (action.type) {
        case "set": {
          const member = this.#find(action.name);
          if (member?.member.kind === "accessor") this.#follow(member, facts, followed);
          else if (!isPrivate(action.name)) this.#addSet(found, action, facts);
          break;
        }
        case "read":
        case "call":
          // A step that is named, not called, is a target or a comparison.
          if (action.type === "read" && this.#stepNames.has(action.name)) break;
          if (!this.#follow(this.#find(action.name), facts, followed)) this.#addRead(found, action, facts);
          break;
        case "super":
          this.#follow(this.#find(action.name, found.level - 1), facts, followed);
          break;
        case "transition":
          facts.transitions.push(this.#site(found.source, action.transition));
          break;
        case "merge":
          facts.merges.push({
            ...(action.include !== undefined && { include: action.include }),
            ...(action.exclude !== undefined && { exclude: action.exclude }),
          });
          break;
        case "opaque":
          facts.opaque = true;
      }
    }
  }

  #actionsOf({ member, source }: FoundMember): readonly FlowAction[] {
    const known = this.#actions.get(member) ?? (member.code === undefined ? [] : readMethod(source, member.code));
    this.#actions.set(member, known);
    return known;
  }

  /** True when the name is code of the flow's, not an artifact. */
  #follow(found: FoundMember | undefined, facts: StepFacts, followed: Set<ClassMember>): boolean {
    if (found?.member.code === undefined) return found?.member.kind === "accessor";
    this.#collect(found, facts, followed);
    return true;
  }

  #addSet({ source }: FoundMember, { name, offset }: { readonly name: string; readonly offset: number }, facts: StepFacts): void {
    if (facts.sets.has(name)) return;
    facts.sets.set(name, this.#locate(source.text, offset));
  }

  #addRead({ source }: FoundMember, { name, offset }: { readonly name: string; readonly offset: number }, facts: StepFacts): void {
    if (isPrivate(name) || isFlowMember(name) || facts.reads.has(name)) return;
    const position = this.#locate(source.text, offset);
    facts.reads.set(name, { name, ...(position && { position }) });
  }

  #site(source: ClassSource, { kind, targets, problem, offset }: Extract<FlowAction, { type: "transition" }>["transition"]): TransitionSite {
    const position = this.#locate(source.text, offset);
    return { kind, targets, ...(position && { position }), ...(problem !== undefined && { problem }) };
  }

  /** The member that instances have, or that classes up to a level of the chain have. */
  #find(name: string, level = this.#chain.length - 1): FoundMember | undefined {
    for (let at = level; at >= 0; at--) {
      const source = this.#chain[at];
      const member = source?.members.get(name);
      if (source !== undefined && member !== undefined) return { level: at, source, member };
    }
    return undefined;
  }

  #about(source: ClassSource, offset: number): { readonly position?: SourcePosition; readonly doc?: string } {
    const position = this.#locate(source.text, offset);
    if (position === undefined) return {};
    const text = this.#sourceOf(position.file);
    const doc = text === undefined ? undefined : docAbove(text, position);
    return { position, ...(doc !== undefined && { doc }) };
  }

  #describeMembers(others: ReadonlySet<string>): readonly MemberDefinition[] {
    const { unmarked } = flowMetadata(this.#Flow);
    const names = new Set(this.#chain.flatMap(({ members }) => [...members.keys()]).filter((name) => !isPrivate(name) && !others.has(name)));
    return [...names].flatMap((name) => {
      const found = this.#find(name);
      if (found === undefined) return [];
      const { kind, initialiser, offset } = found.member;
      const decorators = unmarked.find(({ method }) => method === name)?.decorators;
      const position = kind === "field" && decorators === undefined && !isFlowMember(name) ? undefined : this.#locate(found.source.text, offset);
      return [
        {
          name,
          kind,
          ...(initialiser !== undefined && { initialiser: textHash(initialiser) }),
          ...(decorators && { decorators }),
          ...(position && { position }),
        },
      ];
    });
  }
}

/** What a step does, gathered over the methods it calls. */
class StepFacts {
  readonly transitions: TransitionSite[] = [];
  readonly sets = new Map<string, SourcePosition | undefined>();
  readonly reads = new Map<string, ArtifactRead>();
  readonly merges: StepDefinition["merges"][number][] = [];
  opaque = false;
}

/** Equal texts, equal hashes. */
function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function isPrivate(name: string): boolean {
  return name.startsWith("#");
}

function withoutSource(name: string, decorators: StepDefinition["decorators"], arity: number): StepDefinition {
  const transition: TransitionSite = { kind: "unreadable", targets: [], problem: "its source is not in the class" };
  return { name, arity, decorators, transitions: [transition], sets: [], setAt: {}, reads: [], opaque: true, merges: [] };
}
