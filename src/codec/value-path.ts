/** A way from a value to one inside it: indexes, property names, or another kind of step in words. */
export type PathStep = number | string | InnerStep;

/** A step that is neither an index nor a property: put around or behind the path so far. */
export class InnerStep {
  readonly format: (path: string) => string;

  constructor(format: (path: string) => string) {
    this.format = format;
  }
}

/** Longer paths are shown without their middle. */
const MAX_LENGTH = 200;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** `this.model` and `["layers", 3, "fn"]` → `this.model.layers[3].fn`. */
export function formatValuePath(root: string, steps: readonly PathStep[]): string {
  let path = root;
  for (const step of steps) {
    if (step instanceof InnerStep) path = step.format(path);
    else if (typeof step === "number") path += `[${step}]`;
    else path += IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  }
  return path.length > MAX_LENGTH ? `${path.slice(0, MAX_LENGTH / 2)} … ${path.slice(-MAX_LENGTH / 2)}` : path;
}

/** The way to what a Map holds under a key. */
export function mapValueStep(key: unknown, index: number): InnerStep {
  const primitive = typeof key === "string" || typeof key === "number" || typeof key === "boolean" || key === null;
  return new InnerStep((path) => (primitive ? `${path}.get(${JSON.stringify(key)})` : `[...${path}.values()][${index}]`));
}

/** The way to a Map's key itself. */
export function mapKeyStep(index: number): InnerStep {
  return new InnerStep((path) => `[...${path}.keys()][${index}]`);
}

/** The way to an element of a Set. */
export function setElementStep(index: number): InnerStep {
  return new InnerStep((path) => `[...${path}][${index}]`);
}

/** The way into what a registered codec made of an instance. */
export function codecStep(codec: string): InnerStep {
  return new InnerStep((path) => `${path} (as the codec ${codec} encodes it)`);
}
