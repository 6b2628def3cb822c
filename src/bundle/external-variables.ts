/** An import of a package whose specifier is a variable in the executable bundle: `import(…)` and `require(…)`. */
export interface ExternalVariable {
  /** Of the external. */
  readonly id: string;
  /** What it is imported as, as an expression. */
  readonly target: string;
  /** The same for steps that have a version of their own (`@npm`). */
  readonly targetByStep?: ReadonlyMap<string, string>;
}

/** A name that is just as long as the placeholder that it stands for, so that the source map stays right. */
export function variableName(id: string): string {
  return `__millraceExternal_${id}_`;
}

/** Declares the variables, in statements for one line. */
export function declareExternals(variables: readonly ExternalVariable[]): string[] {
  const ofSteps = variables.filter(({ targetByStep }) => targetByStep !== undefined && targetByStep.size > 0);
  const declared = variables.map((variable) => `${ofSteps.includes(variable) ? "let" : "const"} ${variableName(variable.id)} = ${variable.target};`);
  if (ofSteps.length === 0) return declared;
  const changes = ofSteps.map(({ id, target, targetByStep }) => {
    const entries = Array.from(targetByStep ?? [], ([step, own]) => `[${JSON.stringify(step)}, ${own}]`);
    return `${variableName(id)} = new Map([${entries.join(", ")}]).get(step) ?? ${target};`;
  });
  return [...declared, `globalThis[Symbol.for(${JSON.stringify(ENTER_STEP)})] = (step) => { ${changes.join(" ")} };`];
}

const ENTER_STEP = "millrace.enterStep";

/** From here on the flow's code imports what the step's own packages provide, if the bundle in this process has any for it. */
export function enterStep(step: string): void {
  const enter: unknown = Reflect.get(globalThis, Symbol.for(ENTER_STEP));
  if (typeof enter === "function") Reflect.apply(enter, undefined, [step]);
}
