import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PackedProject, root, type PackedMillrace } from "./packed-project.js";

const installed = new PackedProject();
const project = installed.folder;
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
};

let packed: PackedMillrace;

function run(command: string, args: readonly string[], cwd = project): string {
  return installed.run(command, args, { cwd });
}

beforeAll(async () => {
  packed = await installed.install();
}, 300_000);

afterAll(() => installed[Symbol.dispose]());

describe("the package", () => {
  test("holds the build, its types and the documents, nothing else", () => {
    const outside = packed.files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^(?:dist\/.*\.(?:js|d\.ts)|dist\/cards\/vega-charts\.LICENSES\.txt|dist\/remote\/(?:runtime\.json|(?:runtime|charts)\.tar\.br|LICENSES\.txt)|docs\/.*|[A-Z]+(?:\.md)?|package\.json)$/.test(
            path,
          ),
      );
    expect(outside).toEqual([]);
    for (const path of ["LICENSE", "README.md", "CHANGELOG.md", "dist/index.js", "dist/types/index.d.ts", "dist/cli/bin.js", "docs/tutorial.md"]) {
      expect(packed.files.map((file) => file.path)).toContain(path);
    }
  });

  test("is small", () => {
    // A third of it is what jobs on other machines run.
    expect(packed.size).toBeLessThan(1_800_000);
    expect(packed.unpackedSize).toBeLessThan(4_500_000);
  });

  test("installs a handful of other packages", () => {
    const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as { readonly packages: object };
    const platformless = Object.keys(lock.packages).filter((path) => !path.includes("@esbuild/"));
    expect(platformless.length).toBeLessThan(40);
  });
});

describe("the command, installed", () => {
  test("prints its version", () => {
    for (const spelling of ["version", "--version"]) expect(run("npx", ["--no-install", "millrace", spelling]).trim()).toContain(manifest.version);
  });

  test("makes a project whose flow runs at once", () => {
    run("npx", ["--no-install", "millrace", "init", "started"]);
    const flow = readdirSync(join(project, "started")).find((name) => name.endsWith(".ts"));
    expect(flow).toBeDefined();
    run("npx", ["--no-install", "millrace", "run", flow ?? ""], join(project, "started"));
    expect(run("npx", ["--no-install", "millrace", "runs", "--json"], join(project, "started"))).toContain('"done"');
  });

  test("runs a flow of the project's own", () => {
    writeFileSync(join(project, "flow.ts"), flowSource);
    expect(run("npx", ["--no-install", "millrace", "run", "flow.ts", "--count", "3"])).toContain("sum 6");
    expect(JSON.parse(run("npx", ["--no-install", "millrace", "dump", "Sum/latest/end", "--include", "sum", "--json"]))).toMatchObject({
      "Sum/1/end/0": { sum: 6 },
    });
  });

  test("draws cards with charts", () => {
    writeFileSync(join(project, "chart.ts"), chartSource);
    run("npx", ["--no-install", "millrace", "run", "chart.ts"]);
    const page = run("npx", ["--no-install", "millrace", "card", "get", "Chart/latest/start"]);
    expect(page).toContain('"mark":"bar"');
    expect(page).toContain(readFileSync(join(project, "node_modules/millrace/dist/cards/vega-charts.js"), "utf8").slice(0, 1000));
  });
});

describe("the sub-paths", () => {
  test.each(Object.keys(manifest.exports).filter((path) => path !== "./register"))("%s can be imported", (path) => {
    const specifier = path.replace(/^\./, "millrace");
    const attributes = specifier.endsWith(".json") ? ', { with: { type: "json" } }' : "";
    // This one is imported for what it does.
    const least = path === "./register" ? 0 : 1;
    const script = `const module = await import("${specifier}"${attributes}); if (Object.keys(module).length < ${least}) throw new Error("empty");`;
    run(process.execPath, ["--input-type=module", "-e", script]);
  });

  test("./s3 says which package it needs when it is used", () => {
    const script = `import { s3 } from "millrace/s3"; await s3().get("s3://bucket/key").catch((error) => console.log(error.code, error.message));`;
    expect(run(process.execPath, ["--input-type=module", "-e", script])).toBe(
      "package-not-installed millrace/s3 needs @aws-sdk/client-s3, which is not installed.\n",
    );
  });

  test("./register lets Node import a flow in TypeScript", () => {
    writeFileSync(join(project, "registered.ts"), flowSource);
    const script = `const { default: flow } = await import("./registered.ts"); if (flow.name !== "Sum") throw new Error(flow.name);`;
    run(process.execPath, ["--import", "millrace/register", "--input-type=module", "-e", script]);
  });

  test("have types that stand on their own", () => {
    mkdirSync(join(project, "typed"), { recursive: true });
    writeFileSync(join(project, "typed/flow.ts"), flowSource);
    writeFileSync(join(project, "typed/wrong.ts"), flowSource.replace("this.next(this.double, ", "this.next(this.nothere, "));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const settings = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "false"];
    // What `npm install --save-dev @types/node` brings a user.
    const lib = ["--lib", "es2023,esnext.decorators,esnext.disposable", "--typeRoots", join(root, "node_modules/@types"), "--types", "node"];
    run(process.execPath, [tsc, ...settings, ...lib, "typed/flow.ts"]);
    expect(() => run(process.execPath, [tsc, ...settings, ...lib, "typed/wrong.ts"])).toThrow(/nothere/);
  });
});

const flowSource = `
import { FlowSpec, step, parameter, retry, type Inputs } from "millrace";

export default class Sum extends FlowSpec {
  count = parameter({ default: 2, help: "How many numbers" });
  doubled!: number;
  sum!: number;

  @step start() {
    this.next(this.double, { foreach: Array.from({ length: this.count }, (_, index) => index) });
  }

  @step @retry({ times: 1 }) double(item: number) {
    this.doubled = item * 2;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.sum = inputs.reduce((total, input) => total + input.doubled, 0);
    this.next(this.end);
  }

  @step end() {
    console.log("sum " + this.sum);
  }
}
`;

const chartSource = `
import { card, current, FlowSpec, step } from "millrace";
import { VegaChart } from "millrace/cards";

export default class Chart extends FlowSpec {
  @card @step start() {
    current.card.append(new VegaChart({ data: { values: [{ x: 1 }] }, mark: "bar", encoding: { x: { field: "x" } } }));
    this.next(this.end);
  }

  @step end() {}
}
`;
