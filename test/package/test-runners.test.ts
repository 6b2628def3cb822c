import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PackedProject, root } from "./packed-project.js";

// Vite 8 and later leave decorators as they are; Vitest 4 works with it.
const PACKAGES = ["vitest@4.1.12", "vite@8.3.8", "jest@30.5.2"];

const project = new PackedProject();
const path = (name: string): string => join(project.folder, name);

beforeAll(async () => {
  await project.install(PACKAGES);
  cpSync(join(root, "examples/testing"), path("example"), { recursive: true });
  writeFileSync(path("flow.ts"), FLOW);
  writeFileSync(path("more.ts"), MORE);
  writeFileSync(path("node.test.ts"), `import { test } from "node:test";\n${TEST}`);
  writeFileSync(path("jest.config.js"), JEST_CONFIG);
  writeFileSync(path("jest.spec.ts"), TEST);
  writeFileSync(path("vitest.test.ts"), `import { test } from "vitest";\n${TEST}`);
  writeFileSync(path("vitest.config.ts"), readFileSync(join(root, "examples/testing/vitest.config.ts")));
}, 300_000);

afterAll(() => project[Symbol.dispose]());

describe("Vitest", () => {
  test("runs the example's tests", () => {
    expect(project.run("npx", ["--no-install", "vitest", "run", "--root", "example"])).toMatch(/Tests +6 passed \(6\)/);
  });

  test("shows the line of a step that fails", () => {
    const file = path("example/flow.ts");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace("this.euros =", "throw new Error(`broken`);\n    this.euros ="));
    const { code, stdout, stderr } = project.try("npx", ["--no-install", "vitest", "run", "--root", "example"]);
    writeFileSync(file, whole);
    const line = whole.split("\n").findIndex((text) => text.includes("this.euros =")) + 1;
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(`flow.ts:${line}:11`);
  });

  test("runs tests of flows of other files, imported and by path", () => {
    const { code, stdout, stderr } = project.try("npx", ["--no-install", "vitest", "run", "vitest.test.ts"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Tests +1 failed \| 3 passed/);
    expect(stderr).toContain("flow.ts:17:40");
  });
});

describe("node:test", () => {
  test("runs tests of flows, and shows the line of a step that fails", () => {
    const { code, stdout, stderr } = project.try(process.execPath, [
      "--import",
      "millrace/register",
      "--test",
      "--test-reporter=tap",
      "node.test.ts",
    ]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("# pass 3\n# fail 1\n");
    expect(stdout).toMatch(/\(.*\/flow\.ts:17:40\)/);
  });

  test("runs tests in a package that says it is CommonJS, with imports as they are written there", () => {
    mkdirSync(path("common"));
    writeFileSync(path("common/package.json"), '{ "name": "common", "type": "commonjs" }');
    writeFileSync(path("common/tsconfig.json"), '{ "compilerOptions": { "experimentalDecorators": true } }');
    writeFileSync(path("common/more.ts"), MORE);
    writeFileSync(path("common/flow.ts"), FLOW.replace("./more.js", "./more"));
    const [whole = ""] = TEST.replace("./flow.js", "./flow").split('test("fails"');
    writeFileSync(path("common/some.test.ts"), `import { test } from "node:test";\n${whole}`);
    expect(project.run(process.execPath, ["--import", "millrace/register", "--test", "--test-reporter=tap", "common/some.test.ts"])).toContain(
      "# pass 3\n# fail 0\n",
    );
  });

  test("runs scripts that import a flow", () => {
    writeFileSync(
      path("script.mts"),
      'import Sum from "./flow";\nimport { runFlow } from "millrace/testing";\nconsole.log((await runFlow(Sum)).artifacts.sum);\n',
    );
    expect(project.run(process.execPath, ["--import", "millrace/register", "script.mts"])).toContain("6\n");
  });
});

describe("Jest", () => {
  test("runs tests of flows, and shows the line of a step that fails", () => {
    const { code, stderr } = project.try("npx", ["--no-install", "jest", "--ci"], { env: { NODE_OPTIONS: "--experimental-vm-modules" } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/flow\.ts:17:40[^]*Tests: +1 failed, 3 passed/) as string]);
  });
});

const MORE = `export enum Way { up = 1, down = -1 }
export const count = (): number => 3;
`;

const FLOW = `import { FlowSpec, parameter, retry, step, timeout, type Inputs } from "millrace";
import { count, Way } from "./more.js";

export default class Sum extends FlowSpec {
  way = parameter({ default: Way.up });
  one!: number;
  sum!: number;

  @step start() {
    this.next(this.add, { foreach: Array.from({ length: count() }, (_, index) => index + 1) });
  }

  @step
  @retry({ times: 1, delay: "1h", maxDelay: "1h" })
  @timeout("1m")
  async add(item: number) {
    if (item < 0) await Promise.reject(new RangeError("below zero"));
    console.log("item", item);
    this.one = item * this.way;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.sum = inputs.reduce((sum, { one }) => sum + one, 0);
    this.next(this.end);
  }

  @step end() {}
}
`;

/** For whatever has a function \`test\`. */
const TEST = `import assert from "node:assert/strict";
import { FlowSpec } from "millrace";
import { runFlow, runStep, TestClock } from "millrace/testing";
import Sum from "./flow.js";

test("the class is of the one millrace there is", () => {
  assert.ok(Sum.prototype instanceof FlowSpec);
});

test("a whole flow, its output and its waits", async () => {
  const run = await runFlow(Sum, { parameters: { way: -1 } });
  assert.equal(run.artifacts.sum, -6);
  assert.equal(run.tasks.add[1]?.stdout, "item 2\\n");
  const failed = await runStep(Sum, "add", { input: -1, onFailure: "return" });
  assert.ok(failed.error instanceof RangeError);
});

test("a flow's file", async () => {
  const clock = new TestClock(new Date(0));
  const run = await runFlow("flow.ts", { clock });
  assert.equal(run.artifacts["sum"], 6);
  assert.equal(clock.now(), 0);
});

test("fails", async () => {
  await runStep(Sum, "add", { input: -1 });
});
`;

const JEST_CONFIG = `export default {
  extensionsToTreatAsEsm: [".ts"],
  testMatch: ["**/*.spec.ts"],
  transform: { "\\\\.ts$": "millrace/jest" },
  moduleNameMapper: { "^(\\\\.{1,2}/.*)\\\\.js$": ["$1.ts", "$1.js"] },
};
`;
