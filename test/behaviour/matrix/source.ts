import { headOf, stepNames, type Block, type Flow } from "./model.js";
import { errorName, readableMarks, type Merge, type Merges } from "./oracle.js";

export interface SourceOptions {
  readonly merges: Merges;
  /** Steps that get `@catchError`. */
  readonly catching?: (step: string) => boolean;
  /** Further decorators of a step, `@timeout("2s")`. */
  readonly decorators?: (step: string) => readonly string[];
}

interface Step {
  readonly name: string;
  readonly takes: "nothing" | "item" | "inputs";
  /** Adds one to the parameter `alpha`. */
  readonly bumps: boolean;
  readonly transition: string;
}

/** The module `trial.ts` beside a generated flow: reads marks, and makes chosen tasks fail as RIG_PLAN says. */
export const TRIAL = `import { current } from "millrace";
import { here, note } from "./rig.js";

export function began(): void {
  note("begin " + here() + " " + current.runId + " " + current.retryCount);
  console.log("out " + here());
  process.stderr.write("err " + here() + "\\n");
}

/** Fails when the plan says so, having spoilt what the task has; else notes that the step's work is done. */
export async function trial(spoil: () => void): Promise<void> {
  const plan: Record<string, { fault: string; attempts: number }> = JSON.parse(process.env.RIG_PLAN ?? "{}");
  const mine = plan[here()];
  if (mine === undefined || current.retryCount >= mine.attempts) {
    note("end " + here() + " " + current.runId + " " + current.retryCount);
    return;
  }
  spoil();
  await new Promise((resolve) => setTimeout(resolve, 1));
  const failure = () => new RangeError("planned failure of " + here());
  switch (mine.fault) {
    case "throw":
      throw failure();
    case "exit":
      process.exit(7);
    case "kill":
      process.kill(process.pid, "SIGKILL");
      break;
    case "unhandled":
      void Promise.reject(failure());
      break;
    case "uncaught":
      setTimeout(() => { throw failure(); }, 1);
      break;
    case "spin":
      for (;;);
  }
  await new Promise((resolve) => setTimeout(resolve, 1e9));
}

/** How often this step has run at this place, this time included. */
export function turn(): number {
  return Number(current.taskId.split("~")[1] ?? 0) + 1;
}

export function look(steps: string[], read: (name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(steps.map((step) => {
    try {
      return [step, read("v_" + step)];
    } catch (error) {
      return [step, error instanceof Error && "code" in error ? "(lost)" : String(error)];
    }
  }));
}
`;

/** The shape as a flow file, `export default class Shape`. */
export function flowSource(flow: Flow, options: SourceOptions): string {
  const names = stepNames(flow);
  const steps = compile(flow);
  const readable = readableMarks(flow, options.merges);
  const catching = names.filter((name) => options.catching?.(name) === true);
  const ordered = [...steps].toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  const uses = (pattern: RegExp, name: string): string[] => (ordered.some((step) => pattern.test(step.transition)) ? [name] : []);
  return `import { FlowSpec, step, parameter, ${catching.length > 0 ? "catchError, " : ""}${options.decorators ? "timeout, " : ""}type Inputs } from "millrace";
import { here } from "./rig.js";
import { began, look, trial, turn } from "./trial.js";

const STEPS = ${JSON.stringify(names)};

export default class Shape extends FlowSpec {
  alpha = parameter({ default: 1, help: "A number" });
  word = parameter({ default: "w" });
  flags = parameter({ type: "json", default: [true, false] });
  notes: string[] = ["init"];
  trail?: string[];
  at?: string;
  from!: (string | undefined)[];
  spot!: { index: number | undefined; input: unknown; stack: readonly object[] };
  seen!: Record<string, unknown>;
  garbage?: string;
${[...names.map((name) => `v_${name}?: string;`), ...names.map((name) => `${errorName(name)}?: unknown;`)].map((field) => `  ${field}`).join("\n")}

${ordered.map((one) => stepSource(one, names, readable.get(one.name) ?? new Set(), options)).join("\n\n")}
}
${uses(/items\(/, "items").length > 0 ? `\nfunction items(count: number): string[] {\n  return Array.from({ length: count }, (_, index) => here() + "#" + index);\n}\n` : ""}`;
}

function stepSource(one: Step, names: readonly string[], readable: ReadonlySet<string>, options: SourceOptions): string {
  const parameter = { nothing: "", item: "item: string", inputs: "inputs: Inputs<this>" }[one.takes];
  const decorators = [
    "@step",
    ...(options.catching?.(one.name) === true ? [`@catchError({ var: "${errorName(one.name)}", print: false })`] : []),
    ...(options.decorators?.(one.name) ?? []),
  ];
  const look = `const seen = look(STEPS.filter((name) => name !== "${one.name}"), (name) => Reflect.get(this, name));`;
  // A join that uses names made at run time could carry anything, so a join reads by plain names, and only what it may.
  const lookInJoin = `const seen = { ${[...readable]
    .filter((name) => name !== one.name)
    .map((name) => `${name}: this.v_${name}`)
    .join(", ")} };`;
  const body =
    one.takes === "inputs"
      ? [
          `this.v_${one.name} = here();`,
          `this.trail = [...inputs.flatMap((input) => input.trail ?? []), here()];`,
          `this.from = inputs.map((input) => input.at);`,
          `this.at = here();`,
          ...mergeSource(options.merges.get(one.name)),
          lookInJoin,
        ]
      : [
          look,
          // Nothing reaches the first step, so reading there would be an error.
          ...(one.name === names[0]
            ? [`this.from = [];`, `this.trail = [here()];`]
            : [`this.from = [this.at];`, `this.trail = [...(this.trail ?? []), here()];`]),
          `this.v_${one.name} = here();`,
          `this.at = here();`,
          ...(one.takes === "item" ? [`if (item !== this.input) throw new Error("the item is not the input");`] : []),
          ...(one.bumps ? [`this.alpha = this.alpha + 1;`] : []),
        ];
  const lines = [
    `began();`,
    ...body,
    `this.notes.push(here());`,
    `this.seen = seen;`,
    `this.spot = { index: this.index, input: this.input, stack: this.foreachStack() };`,
    `await trial(() => { this.trail = ["garbage"]; this.notes.push("garbage"); this.at = "garbage"; this.garbage = here(); });`,
    ...one.transition.split("\n").filter(Boolean),
  ];
  return `  ${decorators.join(" ")}\n  async ${one.name}(${parameter}) {\n${lines.map((line) => `    ${line}`).join("\n")}\n  }`;
}

function mergeSource(merge: Merge | undefined): string[] {
  return merge === undefined ? [] : [`this.mergeArtifacts(inputs, ${JSON.stringify(merge)});`];
}

function compile(flow: Flow): Step[] {
  const steps: Step[] = [];
  const add = (name: string, takes: Step["takes"], transition: string, bumps = false): void => {
    steps.push({ name, takes, transition, bumps });
  };

  /** Writes the blocks' steps; `exit` is what the last of them does, `takes` what the first one takes. */
  const sequence = (blocks: readonly Block[], exit: string, takes: Step["takes"]): void => {
    blocks.forEach((block, place) => {
      write(block, exitOf(blocks, place, exit), place === 0 ? takes : "nothing");
    });
  };

  /** What the last step of a block does: go to the next block's first step, or be that step. */
  const exitOf = (blocks: readonly Block[], place: number, exit: string): string => {
    const next = blocks[place + 1];
    if (next === undefined) return exit;
    const head = headOf(next);
    return head === undefined ? decision(next, exitOf(blocks, place + 1, exit)) : `this.next(this.${head});`;
  };

  const decision = (block: Block, exit: string): string => {
    switch (block.kind) {
      case "branch":
        return `this.next(${block.arms.map((arm) => `this.${firstOf(arm)}`).join(", ")});`;
      case "foreach":
        return `this.next(this.${firstOf(block.body)}, { foreach: items(${block.count}) });`;
      case "switch":
        return [
          `switch ((this.index ?? ${block.pick}) % ${block.arms.length}) {`,
          ...block.arms.flatMap((arm, number) => [
            `  case ${number}:`,
            `    ${arm.length === 0 ? exit : `this.next(this.${firstOf(arm)});`}`,
            "    break;",
          ]),
          `}`,
        ].join("\n");
      case "step":
      case "loop":
        return exit;
    }
  };

  const write = (block: Block, exit: string, takes: Step["takes"]): void => {
    switch (block.kind) {
      case "step":
        add(block.name, takes, exit, true);
        break;
      case "branch":
        if (block.split !== undefined) add(block.split, takes, decision(block, exit));
        for (const arm of block.arms) sequence(arm, `this.next(this.${block.join});`, "nothing");
        add(block.join, "inputs", exit);
        break;
      case "foreach":
        if (block.split !== undefined) add(block.split, takes, decision(block, exit));
        sequence(block.body, `this.next(this.${block.join});`, "item");
        add(block.join, "inputs", exit);
        break;
      case "switch":
        if (block.at !== undefined) add(block.at, takes, decision(block, exit));
        for (const arm of block.arms) sequence(arm, exit, "nothing");
        break;
      case "loop": {
        sequence(block.body, `this.next(this.${block.at});`, takes);
        const back = headOf(block.body[0] ?? { kind: "step", name: block.at });
        const turn = [`if (turn() % ${block.rounds} > 0) this.next(this.${back});`, `else ${exit}`];
        add(block.at, block.body.length === 0 ? takes : "nothing", turn.join("\n"));
        break;
      }
    }
  };

  sequence(flow, "", "nothing");
  return steps;
}

function firstOf(blocks: readonly Block[]): string {
  const [first] = blocks;
  const head = first === undefined ? undefined : headOf(first);
  if (head === undefined) throw new Error("an arm or a body must start with a step of its own");
  return head;
}
