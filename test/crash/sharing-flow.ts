import { expect } from "vitest";
import type { RunningCommand } from "../rig/command.js";
import { until } from "../rig/condition.js";
import { flowText } from "../rig/flow-text.js";
import type { Project } from "../rig/project.js";
import type { Random } from "../rig/random.js";
import type { Results } from "../rig/results.js";

/** Three kinds of values, in blobs that runs of one seed share: plain, a list of large ones, and items. */
export const SHARING_FLOW = flowText({
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

/** Kills a command at some moment: after so many notes of the runs, or so many milliseconds, if it still is at work then. */
export async function killSomewhere(project: Project, command: RunningCommand, random: Random): Promise<void> {
  const notes = project.ledger.length + random.below(8);
  const delay = random.below(120);
  let ended = false;
  void command.result.then(() => (ended = true));
  await until("the runs have come so far", () => ended || project.ledger.length >= notes || project.processes.length === 0);
  await new Promise((resolve) => setTimeout(resolve, delay));
  command.signal("SIGKILL");
}

/** Whatever is in sight can be read, and what is done is complete. */
export async function requireReadable(results: Results): Promise<void> {
  for (const { pathspec, status, parameters } of await results.runs()) {
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
