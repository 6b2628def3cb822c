import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { expectNoOwnTraces, expectSays } from "../rig/own-traces.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const FLOW = flowText({
  imports: "parameter",
  fields: `  alpha = parameter({ default: 0.5, help: "Learning rate" });\n  chunkSize = parameter({ type: "int", required: true, help: "Rows a chunk" });\n  test = parameter({ default: false });`,
  steps: "\n  @step start() { this.next(this.end); }\n  @step end() {}",
});

describe("misspelt", () => {
  test.each<[string, readonly string[], readonly (string | RegExp)[]]>([
    ["command", ["rnu", "flow.ts"], ["rnu", "run"]],
    ["command that is far off", ["frobnicate"], ["frobnicate", "millrace help"]],
    ["run option", ["run", "flow.ts", "--chunk-size", "1", "--max-worker", "3"], ["--max-worker", "--max-workers"]],
    ["parameter", ["run", "flow.ts", "--chunksize", "3"], ["--chunksize", "--chunk-size"]],
    ["option of a reading command", ["runs", "--jsn"], ["--jsn", "--json"]],
    ["format", ["show", "flow.ts", "--format", "mermaidd"], ["mermaidd", "mermaid"]],
    ["decorator", ["run", "flow.ts", "--chunk-size", "1", "--with", "rety:times=2"], ["rety", "retry"]],
    ["option of a decorator", ["run", "flow.ts", "--chunk-size", "1", "--with", "retry:tims=2"], ["tims", "times"]],
    ["pathspec", ["status", "Demo 1"], ["Demo 1", /Flow\/run/]],
    ["flow's name", ["status", "Demmo/1"], ["Demmo", "Demo"]],
    ["step in a pathspec", ["dump", "Demo/1/strat"], ["strat", "start"]],
    ["artifact", ["dump", "Demo/1/end/0/alhpa"], ["alhpa", "alpha"]],
    ["run", ["status", "Demo/9"], [/Demo has no run 9/, /Demo\/1/]],
    ["file and command in the wrong order", ["flow.ts", "run"], ["flow.ts", "millrace run flow.ts"]],
    ["argument too many", ["run", "flow.ts", "other.ts", "--chunk-size", "1"], ["other.ts"]],
    ["value of an option", ["run", "flow.ts", "--chunk-size", "1", "--max-workers", "many"], ["--max-workers", "many"]],
    ["value below what is allowed", ["run", "flow.ts", "--chunk-size", "1", "--max-workers", "0"], ["--max-workers", "0"]],
    ["shell for completion", ["completion", "bsh"], ["bsh", "bash"]],
  ])("%s is answered with the nearest name", async (_, args, says) => {
    await using project = await Project.create({ "flow.ts": FLOW });
    await project.expectMillrace(0, ["run", "flow.ts", "--chunk-size", "2"]);
    const result = await project.millrace(args);
    expect([1, 2], result.all).toContain(result.code);
    expectSays(result, ...says);
    expect(result.stdout).toBe("");
    expect(await new Results(project).runs()).toHaveLength(1);
  });

  test("environment and configuration are answered with where they stand", async () => {
    await using project = await Project.create({ "flow.ts": FLOW });
    expectSays(
      await project.expectMillrace(2, ["run", "flow.ts", "--chunk-size", "1"], { env: { MILLRACE_MAX_WORKERS: "lots" } }),
      "MILLRACE_MAX_WORKERS",
      "lots",
    );
    expectSays(await project.expectMillrace(2, ["run", "flow.ts"], { env: { MILLRACE_RUN_CHUNK_SIZE: "big" } }), "MILLRACE_RUN_CHUNK_SIZE", "big");
    await project.write({ "millrace.config.json": '{ "maxWorker": 3 }' });
    expectSays(await project.expectMillrace(2, ["run", "flow.ts", "--chunk-size", "1"]), "millrace.config.json", "maxWorker", "maxWorkers");
    await project.write({ "millrace.config.json": '{\n  "maxWorkers": 3,\n}' });
    expectSays(await project.expectMillrace(2, ["run", "flow.ts", "--chunk-size", "1"]), /millrace\.config\.json:\d/);
  });
});

describe("help", () => {
  test("stands on every command, and on run shows the flow's own parameters with types, defaults and help", async () => {
    await using project = await Project.create({ "flow.ts": FLOW });
    const general = await project.expectMillrace(0, ["--help"]);
    for (const command of ["run", "resume", "check", "show", "runs", "status", "logs", "dump", "init", "doctor", "completion"]) {
      expectSays(general, new RegExp(`^\\s*(millrace )?${command}\\b`, "m"));
      const help = await project.expectMillrace(0, [command, "--help"]);
      expectSays(help, `millrace ${command}`);
      expectNoOwnTraces(help);
    }
    expectSays(
      await project.expectMillrace(0, ["run", "flow.ts", "--help"]),
      /--alpha\b.*number.*0\.5|--alpha\b.*Learning rate/,
      "Learning rate",
      /--chunk-size.*/,
      "required",
      "Rows a chunk",
      /--test|--\[no-\]test/,
      "--max-workers",
    );
    expect((await project.expectMillrace(0, ["help", "resume"])).stdout).toBe((await project.expectMillrace(0, ["resume", "--help"])).stdout);
    expect((await project.expectMillrace(0, ["--version"])).stdout).toMatch(/^(millrace )?\d+\.\d+\.\d+\n$/);
    expect((await project.expectMillrace(0, ["version"])).stdout).toMatch(/\d+\.\d+\.\d+/);
    expect((await project.millrace([])).all).toContain("millrace COMMAND --help");
  });

  test("of a broken flow says what is wrong with it", async () => {
    await using project = await Project.create({ "flow.ts": "export default class {" });
    expectSays(await project.expectMillrace(2, ["run", "flow.ts", "--help"]), "flow.ts:1:");
    expectSays(await project.expectMillrace(0, ["run", "--help"]), "--max-workers");
  });
});

describe("a new user", () => {
  test("has a project that runs at once from init, whose every file is explained, and is not overwritten", async () => {
    await using project = await Project.create({});
    const { all } = await project.expectMillrace(0, ["init", "fresh"]);
    expect(all).toContain("fresh");
    expect(all).toMatch(/millrace run (\S+)/);
    const files = await readdir(project.path("fresh"), { recursive: true });
    expect(files).toContain("package.json");
    const flow = files.find((file) => file.endsWith(".ts")) ?? "";
    await project.expectMillrace(0, ["check", flow], { cwd: project.path("fresh") });
    await project.expectMillrace(0, ["run", flow], { cwd: project.path("fresh") });
    const again = await project.millrace(["init", "fresh"]);
    expect([1, 2]).toContain(again.code);
    expectSays(again, "fresh");
  });

  test("with nothing run yet is told how to start", async () => {
    await using project = await Project.create({});
    expectSays(await project.expectMillrace(0, ["runs"]), "millrace run");
    expect((await project.expectMillrace(0, ["runs", "--json"])).stdout.trim()).toBe("[]");
    const doctor = await project.millrace(["doctor"]);
    expect([0, 1], doctor.all).toContain(doctor.code);
    expectSays(doctor, /node/i, process.version.slice(1));
  });

  test("sees check's every problem at once, with code frames", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        steps:
          "\n  @step start() {\n    this.next(this.nothere);\n  }\n  @step lost() { this.next(this.end); }\n  @step silent() {}\n  @step end() {\n    this.next(this.start);\n  }",
      }),
    });
    const result = await project.expectMillrace(2, ["check", "flow.ts"]);
    expectSays(result, "nothere", "lost", "silent", /end\b/, /> *\d+ \|/);
    expect(result.all.match(/flow\.ts:\d+:\d+/g)?.length).toBeGreaterThanOrEqual(4);
    await project.write({ "flow.ts": FLOW });
    expectSays(await project.expectMillrace(0, ["check", "flow.ts"]), "Demo");
  });
});
