import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { commandNames } from "../../src/cli/command-summaries.js";
import { commandTable } from "../../src/cli/command-table.js";
import { isRecentNode } from "../../src/cli/node-version.js";
import { version } from "../../src/core/version.js";
import { call } from "./fake-host.js";

const cwd = tmpdir();

describe("help", () => {
  test("lists the commands", async () => {
    const { code, stdout } = await call(["help"], cwd);
    expect(code).toBe(0);
    expect(stdout.replace(version, "VERSION")).toMatchInlineSnapshot(`
      "millrace VERSION: data pipelines in TypeScript

      usage: millrace COMMAND [arguments and options]

        run         start a run of a flow
        resume      go on from where a run broke
        spin        run one task again, on what it started from
        check       look for mistakes without running
        show        draw a flow's graph
        runs        list runs
        status      one run, step by step
        logs        what tasks printed
        dump        what tasks stored
        diff        how two runs differ
        why         why a task was reused or run again
        package     what travels with a flow to other machines
        tag         change or list a run's tags
        card        reports of tasks: look at one, get it, list them
        gc          drop runs, and data that no run refers to
        batch       list or end a run's jobs on AWS Batch
        slurm       list or end a run's jobs on Slurm
        init        make a small project that runs at once
        doctor      check that everything millrace needs is there
        completion  completion for your shell
        help        this list, or one command's help
        version     print the version

      millrace COMMAND --help says more. New here? millrace init my-project
      "
    `);
  });

  test.each(commandNames)("of %s", async (name) => {
    const { code, stdout, stderr } = await call([name, "--help"], cwd);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchSnapshot();
    expect(stdout.split("\n").filter((line) => line.length > 130)).toEqual([]);
  });

  test.each([[[]], [["--help"]], [["-h"]]])("is what %j gives", async (args) => {
    expect(await call(args, cwd)).toEqual(await call(["help"], cwd));
  });

  test("of a command can be asked for in several ways", async () => {
    const help = await call(["run", "--help"], cwd);
    expect(await call(["help", "run"], cwd)).toEqual(help);
    expect(await call(["run", "-h"], cwd)).toEqual(help);
    expect(await call(["run", "--max-workers", "3", "--help"], cwd)).toEqual(help);
  });

  test("options and commands agree on their names", async () => {
    for (const name of commandNames) {
      const command = await commandTable[name]();
      expect(command.name).toBe(name);
      const names = command.options.map((option) => option.name);
      expect(new Set(names).size).toBe(names.length);
      for (const example of command.examples) expect(example.command).toContain(`millrace ${name}`);
    }
  });
});

describe("mistakes", () => {
  test.each([
    [["rnu"], "unknown-command", "Did you mean millrace run?"],
    [["statsu"], "unknown-command", "Did you mean millrace status?"],
    [["xyzzy"], "unknown-command", "millrace help lists the commands."],
    [["flow.ts"], "unknown-command", "Did you mean millrace run flow.ts?"],
    [["flow.ts#Score"], "unknown-command", "Did you mean millrace run flow.ts#Score?"],
    [["--quiet", "run", "flow.ts"], "command-missing", "The command comes first"],
    [["help", "dmup"], "unknown-command", "Did you mean millrace help dump?"],
    [["run"], "argument-missing", "millrace run flow.ts"],
    [["status"], "argument-missing", "millrace status RUN"],
    [["runs", "A", "B"], "argument-unexpected", "millrace runs [FLOWNAME]"],
    [["runs", "--statsu", "done"], "unknown-option", "Did you mean --status?"],
    [["runs", "--status", "finished"], "bad-option-value", "one of running, done"],
    [["runs", "--limit", "0"], "bad-option-value", "whole number from 1"],
    [["status", "Score/x"], "bad-pathspec", "Flow/run"],
    [["logs", "Score/1", "--attempt", "x"], "bad-option-value", "from 0"],
    [["completion", "bsh"], "shell-unknown", "Did you mean bash?"],
    [["show", "flow.ts", "--format", "svg"], "bad-option-value", "text, mermaid, dot or json"],
    [["resume", "flow.ts", "--origin-run-id", "latest-1"], "bad-option-value", "a run's number"],
    [["run", "no-such-file.ts"], "flow-file-missing", "Give the path"],
  ])("%j: %s", async (args, code, hint) => {
    const outcome = await call(args, cwd);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toContain(code);
    expect(outcome.stderr).toContain(hint);
    expect(outcome.stderr).not.toMatch(/^ +at /m);
  });
});

test("the version is answered in every spelling", async () => {
  for (const word of ["version", "--version", "-v"]) expect(await call([word], cwd)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test.each([
  ["18.20.0", false],
  ["20.18.9", false],
  ["20.19.0", true],
  ["22.0.0", true],
  ["26.1.0", true],
])("Node %s is new enough: %s", (node, expected) => {
  expect(isRecentNode(node)).toBe(expected);
});

test("colours on the error output can be forced and forbidden", async () => {
  expect((await call(["rnu", "--color"], cwd)).stderr).toContain("\u001b[");
  expect((await call(["rnu"], cwd, { FORCE_COLOR: "1" })).stderr).toContain("\u001b[");
  expect((await call(["rnu", "--no-color"], cwd, { FORCE_COLOR: "1" })).stderr).not.toContain("\u001b[");
});
