import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Random } from "../rig/random.js";
import { Results, type RunRow } from "../rig/results.js";

/** Three kinds of values, in blobs that runs of one seed share: plain, a list of large ones, and items. */
const flow = flowText({
  imports: "parameter, type Inputs",
  fields: "seed = parameter({ default: 1 }); text!: string; list!: string[]; part!: number; total!: number;",
  steps: `
  @step start() {
    note(here());
    this.text = this.blob("text");
    this.list = [0, 1, 2].map((n) => this.blob("list" + n).repeat(3));
    this.next(this.body, { foreach: [0, 1, 2, 3].map((n) => this.blob("item" + n)) });
  }
  @step body(item: string) { note(here()); this.part = item.length + this.text.length; this.next(this.join); }
  @step join(inputs: Inputs<this>) { note(here()); this.mergeArtifacts(inputs, { include: ["text", "list"] }); this.total = inputs.reduce((sum, input) => sum + input.part, 0); this.next(this.end); }
  @step end() { note(here()); this.text = this.text + this.list.length; }
  blob(name: string): string { return Array.from({ length: 2500 }, (_, n) => name + this.seed + n * n).join(); }`,
});

const ROUNDS = 4;

/** As if nothing had been stored for hours: all that nobody refers to may go. */
async function age(project: Project): Promise<void> {
  const folder = project.path(".millrace/blobs");
  const old = new Date(Date.now() - 5 * 60 * 60 * 1000);
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) await utimes(join(folder, name), old, old).catch(() => {});
}

/** Kills a command at some moment: after so many notes of the runs, or so many milliseconds, if it still is at work then. */
async function killSomewhere(project: Project, command: ReturnType<Project["start"]>, random: Random): Promise<void> {
  const notes = project.ledger.length + random.below(8);
  const delay = random.below(120);
  let ended = false;
  void command.result.then(() => (ended = true));
  await until("the runs have come so far", () => ended || project.ledger.length >= notes || project.processes.length === 0);
  await new Promise((resolve) => setTimeout(resolve, delay));
  command.signal("SIGKILL");
}

/** Whatever is in sight can be read, and what is done is complete. */
async function requireReadable(project: Project, rows: readonly RunRow[]): Promise<void> {
  const results = new Results(project);
  for (const { pathspec, status, parameters } of rows) {
    const { tasks } = await results.status(pathspec);
    const artifacts = await results.dump(pathspec);
    const done = tasks.filter((task) => task.status === "done");
    for (const task of done)
      expect(artifacts, `${pathspec} has no artifacts of ${task.pathspec}`).toHaveProperty([task.pathspec.split("/").slice(2).join("/")]);
    if (status !== "done") continue;
    expect(done).toHaveLength(7);
    const blob = (name: string): string => Array.from({ length: 2500 }, (_, n) => name + String(parameters["seed"]) + n * n).join();
    const lengths = [0, 1, 2, 3].map((n) => blob(`item${n}`).length + blob("text").length);
    expect(artifacts["end/0"]).toMatchObject({
      text: `${blob("text")}3`,
      list: [0, 1, 2].map((n) => blob(`list${n}`).repeat(3)),
      total: lengths.reduce((a, b) => a + b, 0),
    });
  }
}

describe("gc beside writers, killed at random", () => {
  test.each([1, 2, 3])(
    "loses nothing that is kept (seed %i)",
    async (seed) => {
      const random = new Random(seed);
      await using project = await Project.create({ "flow.ts": flow });
      const results = new Results(project);
      await project.expectMillrace(0, ["run", "flow.ts", "--seed", "1"]);
      for (let round = 0; round < ROUNDS; round++) {
        await age(project);
        const [newest] = await results.runs();
        const writers = [["run", "flow.ts", "--seed", String(1 + random.below(2)), "--max-workers", "2"]];
        if (newest !== undefined && newest.status !== "done") writers.push(["resume", "flow.ts", "--max-workers", "2"]);
        const commands = [...writers, ["gc", "--keep", String(1 + random.below(2))]].map((args) => project.start(args));
        const killed = commands.filter(() => random.next() < 0.5);
        await Promise.all(killed.map((command) => killSomewhere(project, command, random)));
        for (const { args, code, signal, all } of await Promise.all(commands.map(({ result }) => result))) {
          // A run that goes on from one that was dropped at that moment says so; all else is done, or was killed.
          if (signal === null && !/run-dropped|run-unknown|flow-unknown|resume-nothing|gc-running|resume-running/.test(all))
            expect(code, `${args.join(" ")}:\n${all}`).toBe(0);
        }
        await project.untilNoneLeft();
        await requireReadable(project, await results.runs());
      }
      // What was left half done is finished, and nothing is left over.
      await age(project);
      await project.expectMillrace(0, ["gc", "--keep", "1"]);
      await requireReadable(project, await results.runs());
    },
    120_000,
  );
});
