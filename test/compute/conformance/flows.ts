import { flowText } from "../../rig/flow-text.js";

/** Values of every kind that an artifact can hold; a module of the flow's project, in a folder beside it. */
export const SAMPLE_VALUES = `import { registerCodec } from "millrace";
import { tableFromArrays } from "apache-arrow";

export class Money {
  constructor(readonly cents: bigint) {}
}
registerCodec({ class: Money, name: "money", encode: (money) => String(money.cents), decode: (text) => new Money(BigInt(text as string)) });

export function sampleValues() {
  const shared = { name: "größe ✓ 😀" };
  const circle: { self?: unknown } = {};
  circle.self = circle;
  return {
    plain: { list: [1, "two", null, true], nested: { deep: [shared, shared] } },
    odd: [undefined, Number.NaN, -0, Infinity, 12345678901234567890n],
    date: new Date(86_400_000),
    expression: /a+b/giu,
    map: new Map<unknown, unknown>([["key", new Set([1, 2])], [shared, shared]]),
    error: new RangeError("too far", { cause: new Error("why") }),
    bytes: Buffer.from([0, 1, 254, 255]),
    buffer: new Uint8Array([1, 2, 3]).buffer,
    floats: new Float64Array([0.1, -0, Number.MAX_VALUE]),
    big: new BigInt64Array([-1n, 2n]),
    circle,
    money: new Money(12_50n),
  };
}

export const sampleTable = () => tableFromArrays({ id: Int32Array.from([1, 2, 3]), name: ["a", "b", "c"] });
`;

const BIG_MB = 30;

/** What a run that goes well shows: data of all kinds, fan-outs in fan-outs, retries, caught errors, files, output. */
export const travelsFlow = (name: string): string =>
  flowText({
    name,
    imports: "retry, catchError, environment, local, resources, current, type Inputs",
    head: `import { deepStrictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { sampleTable, sampleValues } from "../lib/sample-values.js";

const bigBytes = () => Buffer.alloc(${BIG_MB} * 1024 * 1024, "0123456789abcdefghijklmnopqrstuvwxyz");
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");`,
    fields: `values!: ReturnType<typeof sampleValues>; table!: ReturnType<typeof sampleTable>; big!: Buffer;
  words!: string[]; scores!: number[]; value!: number; sum!: number; total!: number; problem?: unknown; attempts!: number; variable!: string; seen!: string[];`,
    steps: `
  @step start() {
    this.values = sampleValues();
    this.table = sampleTable();
    this.big = bigBytes();
    this.next(this.files, this.flaky, this.broken, this.fan);
  }
  /** Files of the project, by the module and by the working directory. */
  @step @environment({ vars: { RIG_VARIABLE: "from the decorator" } })
  files() {
    this.words = [readFileSync(new URL("./data/words.txt", import.meta.url), "utf8"), readFileSync("data/words.txt", "utf8")].map((text) => text.trim());
    this.variable = process.env.RIG_VARIABLE ?? "";
    this.next(this.meet);
  }
  /** What start set is the same here, also at the second attempt. */
  @step @retry({ times: 2, delay: "0s" }) @resources({ cpu: 1 })
  flaky() {
    this.attempts = current.retryCount + 1;
    deepStrictEqual(this.values, sampleValues());
    deepStrictEqual(this.table.toArray().map(String), sampleTable().toArray().map(String));
    if (hash(this.big) !== hash(bigBytes())) throw new Error("the large artifact has changed on its way");
    if (current.retryCount === 0) throw new Error("the first attempt fails");
    this.next(this.meet);
  }
  @step @catchError({ var: "problem" })
  broken() {
    if (Date.now() > 0) throw new TypeError("always broken");
    this.next(this.meet);
  }
  @step @local fan() { this.next(this.group, { foreach: ["a", "b"] }); }
  @step group(letter: string) { this.next(this.part, { foreach: [1, 2].map((number) => ({ letter, number })) }); }
  @step part(item: { letter: string; number: number }) {
    console.log("first of", item.letter + item.number, "größe ✓ 😀");
    console.error("a warning: é");
    process.stdout.write("second\\n");
    execFileSync(process.execPath, ["-e", "console.log('from a child process')"], { stdio: "inherit" });
    console.log("last");
    this.value = item.number * (item.letter === "a" ? 1 : 10);
    this.next(this.joinParts);
  }
  @step joinParts(inputs: Inputs<this>) {
    this.sum = inputs.reduce((sum, input) => sum + input.value, 0);
    this.next(this.joinGroups);
  }
  @step @local joinGroups(inputs: Inputs<this>) {
    this.scores = inputs.map((input) => input.sum);
    this.next(this.meet);
  }
  @step meet(inputs: Inputs<this>) {
    const [files, flaky, broken, fan] = [inputs.files!, inputs.flaky!, inputs.broken!, inputs.joinGroups!];
    this.seen = [...files.words, files.variable, String(flaky.attempts), String(broken.problem), fan.scores.join(" ")];
    this.next(this.end);
  }
  @step @local end() {}`,
  });

/** Ways for a task to end badly. */
export const endings = {
  throws: `throw new RangeError("out of range: " + JSON.stringify({ name })); /* the line */`,
  exits: `process.exit(3);`,
  "is killed": `process.kill(process.pid, "SIGKILL"); await forever;`,
  "never yields": `for (;;) Math.random();`,
  "loses its job": `await gate("loses its job"); await forever;`,
} as const;

/** A fan-out whose tasks end badly, each in its own way. */
export const endingsFlow = (name: string, ways: readonly (keyof typeof endings)[], timeout: string): string =>
  flowText({
    name,
    imports: "timeout, type Inputs",
    head: `import { RIG_GATES } from "./rig-gates.js";
process.env.RIG_GATES = RIG_GATES;
const forever = new Promise((resolve) => setTimeout(resolve, 1e9));`,
    steps: `
  @step start() { this.next(this.body, { foreach: ${JSON.stringify([...ways, "ends well"])}, label: (way) => way }); }
  @step @timeout("${timeout}") async body(name: string) {
    console.log("begins: " + name);
    switch (name) {
${ways.map((way) => `      case ${JSON.stringify(way)}: { ${endings[way]} break; }`).join("\n")}
    }
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { void inputs; this.next(this.end); }
  @step end() {}`,
  });

/** A step that prints, waits, and prints again. */
export const printingFlow = (name: string): string =>
  flowText({
    name,
    head: `import { RIG_GATES } from "./rig-gates.js";
process.env.RIG_GATES = RIG_GATES;
void [here, note];`,
    steps: `
  @step async start() {
    console.log("before the gate ü");
    console.error("an error line");
    await gate("one");
    console.log("after the gate");
    await gate("two");
    this.next(this.end);
  }
  @step end() { console.log("the end"); }`,
  });

/** A fan-out whose tasks wait at gates of their names. */
export const waitingFlow = (name: string): string =>
  flowText({
    name,
    imports: "type Inputs",
    head: `import { RIG_GATES } from "./rig-gates.js";
process.env.RIG_GATES = RIG_GATES;`,
    fields: "value!: number; total!: number;",
    steps: `
  @step async start() { await gate("start"); this.next(this.body, { foreach: [1, 2, 3] }); }
  @step async body(number: number) {
    console.log("at the gate");
    await gate(here());
    this.value = number;
    this.next(this.join);
  }
  @step async join(inputs: Inputs<this>) { this.total = inputs.reduce((sum, input) => sum + input.value, 0); this.next(this.end); }
  @step end() {}`,
  });
