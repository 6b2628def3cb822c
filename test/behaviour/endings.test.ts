import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

/** Ways for an attempt to end badly: the step's code, and what the run must say of it. */
const endings = {
  throws: { code: `throw new RangeError("out of range");`, says: /RangeError: out of range/ },
  rejects: { code: `await Promise.reject(new TypeError("late"));`, says: /TypeError: late/ },
  "throws no error": { code: `throw { reason: "odd" };`, says: /odd/ },
  "throws nothing": { code: `throw undefined;`, says: /undefined/ },
  "throws with a cause": { code: `throw new Error("outer", { cause: new Error("inner cause") });`, says: /outer[^]*inner cause/ },
  "throws many": { code: `await Promise.any([Promise.reject(new Error("one")), Promise.reject(new Error("two"))]);`, says: /one[^]*two/ },
  "leaves a rejection unhandled": { code: `void Promise.reject(new Error("nobody looked")); await forever;`, says: /nobody looked/ },
  "throws in a timer": { code: `setTimeout(() => { throw new Error("from a timer"); }, 1); await forever;`, says: /from a timer/ },
  "emits an error nobody hears": {
    code: `setImmediate(() => new EventEmitter().emit("error", new Error("unheard"))); await forever;`,
    says: /unheard/,
  },
  exits: { code: `process.exit(3);`, says: /process\.exit|exit.*3|3.*exit/ },
  "exits with success": { code: `process.exit(0);`, says: /process\.exit|exit.*0/ },
  "is killed": { code: `process.kill(process.pid, "SIGKILL"); await forever;`, says: /SIGKILL/ },
  "is terminated": { code: `process.kill(process.pid, "SIGTERM"); await forever;`, says: /SIGTERM/ },
  aborts: { code: `process.abort();`, says: /SIGABRT/ },
} as const;

const cases = Object.entries(endings);

function endingsFlow(decorators: string, join: string): string {
  return flowText({
    imports: "catchError, retry, timeout, current, type Inputs",
    head: `import { EventEmitter } from "node:events";
const forever = new Promise((resolve) => setTimeout(resolve, 1e9).unref());
void timeout; void catchError; void retry;`,
    fields: "error?: unknown; spoilt?: string; errors!: unknown[];",
    steps: `
  @step start() { this.next(this.body, { foreach: [${cases.map(([name]) => JSON.stringify(name)).join(", ")}, "fine"], label: (name) => name }); }
  @step ${decorators}
  async body(name: string) {
    note(name + "\\t" + current.retryCount);
    this.spoilt = name;
    setInterval(() => {}, 1e6);
    switch (name) {
${cases.map(([name, { code }]) => `      case ${JSON.stringify(name)}: { ${code} break; }`).join("\n")}
    }
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { ${join} this.next(this.end); }
  @step end() {}`,
  });
}

describe("an attempt that ends badly", () => {
  test("fails its task alone, and says why", async () => {
    await using project = await Project.create({ "flow.ts": endingsFlow("", "") });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    const { status, tasks } = await new Results(project).status("Demo/1");
    expect(status).toBe("failed");
    for (const [index, [name, { says }]] of cases.entries()) {
      const task = tasks.find((one) => one.pathspec === `Demo/1/body/${index}`);
      expect(task, name).toMatchObject({ status: "failed", attempt: 0 });
      expect(JSON.stringify(task?.error).replaceAll("\\n", "\n"), name).toMatch(says);
      expect(all, name).toMatch(says);
    }
    expect(tasks.find((one) => one.pathspec === `Demo/1/body/${cases.length}`)).toMatchObject({ status: "done" });
    expect(all).toContain("millrace resume");
  });

  test("is tried again, and then caught: the error is the variable's value and nothing else was set", async () => {
    await using project = await Project.create({
      "flow.ts": endingsFlow(
        `@catchError({ var: "error" }) @retry({ times: 1, delay: "0s" })`,
        `this.errors = inputs.map((input) => [input.spoilt, input.error instanceof Error ? input.error.name + ": " + input.error.message : String(input.error)]);`,
      ),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const errors = (await new Results(project).dump("Demo/1/join/0", "--include", "errors"))["join/0"]?.["errors"] as [unknown, string][];
    for (const [index, [name, { says }]] of cases.entries()) {
      expect(errors[index]?.[0], name).not.toBe(name);
      if (name !== "throws with a cause" && name !== "throws many") expect(errors[index]?.[1], name).toMatch(says);
      expect(project.ledger.filter((line) => line.startsWith(`${name}\t`))).toEqual([`${name}\t0`, `${name}\t1`]);
    }
    expect(errors[cases.length]).toEqual(["fine", "undefined"]);
    const { tasks } = await new Results(project).status("Demo/1");
    expect(tasks.every((task) => task.status === "done")).toBe(true);
  });

  test("by running out of memory fails the attempt, not the run's process", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "catchError, current, retry",
        fields: "error?: Error; said!: string; hoard!: unknown[];",
        steps: `
  @step @retry({ times: 1, delay: "0s" }) @catchError({ var: "error" }) start() {
    note("try " + current.retryCount);
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(1000).fill({ some: "thing" }).map((one) => ({ ...one })));
    this.next(this.end);
  }
  @step end() { this.said = String(this.error); }`,
      }),
    });
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"], { env: { NODE_OPTIONS: "--max-old-space-size=90" } });
    expect(project.ledger).toEqual(["try 0", "try 1"]);
    expect(all).toMatch(/memory/i);
    expect(await new Results(project).artifact("Demo/1/end/0", "said")).toMatch(/memory/i);
  });
});

describe("@timeout", () => {
  test("ends an attempt that waits, that never yields, and that hides behind a child process", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "timeout, type Inputs",
        head: `import { spawnSync } from "node:child_process";`,
        steps: `
  @step start() { this.next(this.body, { foreach: ["waits", "spins", "blocks"] }); }
  @step @timeout("1s") async body(how: string) {
    note(how);
    if (how === "waits") await new Promise((resolve) => setTimeout(resolve, 1e8));
    if (how === "spins") for (;;);
    if (how === "blocks") spawnSync(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "inherit" });
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.next(this.end); }
  @step end() {}`,
      }),
    });
    const { all } = await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    const { tasks } = await new Results(project).status("Demo/1");
    for (const index of [0, 1, 2]) {
      const task = tasks.find((one) => one.pathspec === `Demo/1/body/${index}`);
      expect(task).toMatchObject({ status: "failed" });
      expect(JSON.stringify(task?.error)).toMatch(/1 ?s/);
      expect(JSON.stringify(task?.error)).toMatch(/tim/i);
    }
    expect(all).toMatch(/@timeout|timed out|time limit/i);
  });

  test("counts each attempt alone, and takes hours, minutes and seconds", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "current, retry, timeout",
        steps: `
  @step @retry({ times: 1, delay: "0s" }) @timeout({ seconds: 1 }) async start() {
    note("try " + current.retryCount);
    if (current.retryCount === 0) for (;;);
    this.next(this.end);
  }
  @step @timeout({ hours: 1, minutes: 1, seconds: 1 }) end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(project.ledger).toEqual(["try 0", "try 1"]);
  });
});

describe("@catchError", () => {
  test("takes a timeout and a kill too, prints the error unless told not to, and the flow goes on", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "catchError, timeout",
        fields: "first?: Error; second?: Error; third?: Error; said!: string[]; half?: string;",
        steps: `
  @step @catchError({ var: "first" }) start() { this.half = "set"; throw new Error("printed"); this.next(this.slow); }
  @step @catchError({ var: "second", print: false }) @timeout("500ms") slow() { console.log("half is " + this.half); for (;;); this.next(this.dead); }
  @step @catchError({ var: "third", print: false }) dead() { process.kill(process.pid, "SIGKILL"); for (;;); this.next(this.end); }
  @step end() { this.said = [this.first, this.second, this.third].map((error) => String(error instanceof Error) + " " + error?.message); }`,
      }),
    });
    const { all } = await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(all).toContain("half is undefined");
    expect(all).toContain("printed");
    const said = await new Results(project).artifact("Demo/1/end/0", "said");
    expect(said).toEqual(["true printed", expect.stringMatching(/true .*(500 ?ms|0\.5 ?s)/), expect.stringMatching(/true .*SIGKILL/)]);
  });

  test("works bare", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "catchError",
        fields: "half?: string; said!: string;",
        steps: `
  @step @catchError start() { this.half = "set"; throw new Error("taken"); this.next(this.end); }
  @step end() { this.said = String(this.half); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect(await new Results(project).artifact("Demo/1/end/0", "said")).toBe("undefined");
  });

  test.each([
    ["fans out", `this.next(this.body, { foreach: [1] }); }\n  @step body(one: number) { this.next(this.join);`],
    [
      "switches",
      `if (this.index === undefined) this.next(this.one); else this.next(this.two); }\n  @step one() { this.next(this.end); }\n  @step two() { this.next(this.end);`,
    ],
  ])("cannot stand on a step that %s", async (_, code) => {
    const join = code.includes("join") ? "@step join(inputs: Inputs<this>) { this.next(this.end); }" : "";
    await using project = await Project.create({
      "flow.ts": flowText({ imports: "catchError, type Inputs", steps: `@step @catchError start() { ${code} }\n${join}\n@step end() {}` }),
    });
    const { all } = await project.expectMillrace(2, ["check", "flow.ts"]);
    expect(all).toContain("catchError");
    expect(all).toMatch(/start/);
    expect(all).toMatch(/flow\.ts:\d+/);
  });
});
