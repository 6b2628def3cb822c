import { describe, expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results, type RunRow, type StatusRow } from "../rig/results.js";

const flow = flowText({
  imports: "current, parameter, type Inputs",
  fields: "mine = parameter({ default: 0 }); one!: string; all!: string[]; big!: string[];",
  steps: `
  @step start() { this.big = Array.from({ length: 4000 }, (_, n) => this.mine + " " + n); this.next(this.body, { foreach: Array.from({ length: 12 }, (_, n) => n) }); }
  @step body(n: number) { console.log("run " + this.mine + " body " + n); this.one = this.mine + ":" + n; this.next(this.join); }
  @step join(inputs: Inputs<this>) { this.all = inputs.map((input) => input.one); this.next(this.end); }
  @step end() {}`,
});

describe("at the same time", () => {
  test("runs that start at the same moment each have their own number, results and output", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    const numbers = [1, 2, 3, 4, 5];
    const runs = await Promise.all(numbers.map((n) => project.millrace(["run", "flow.ts", "--mine", String(n), "--max-workers", "2"])));
    expect(
      runs.map((run) => run.code),
      runs.map((run) => run.all).join("\n"),
    ).toEqual([0, 0, 0, 0, 0]);
    const results = new Results(project);
    const rows = await results.runs("Demo");
    expect(rows.map((row) => row.pathspec).toSorted()).toEqual(numbers.map((n) => `Demo/${n}`));
    expect(rows.map((row) => row.parameters["mine"]).toSorted()).toEqual(numbers);
    for (const row of rows) {
      const mine = Number(row.parameters["mine"]);
      expect(await results.artifact(`${row.pathspec}/end/0`, "all")).toEqual(Array.from({ length: 12 }, (_, n) => `${mine}:${n}`));
      expect((await results.logs(`${row.pathspec}/body`)).match(/run \d+ body/g)).toEqual(Array.from({ length: 12 }, () => `run ${mine} body`));
      const output = runs.find((_, place) => numbers[place] === mine)?.stdout ?? "";
      expect(output).not.toMatch(new RegExp(`run (?!${mine} )\\d+ body`));
      expect(output).toContain(`[${row.pathspec}/`);
    }
  });

  test("readers beside a writer never see half of anything, and what was done stays done", async () => {
    await using project = await Project.create({ "flow.ts": flow.replace("length: 12 }", "length: 60 }") });
    const run = project.start(["run", "flow.ts", "--mine", "1"]);
    await run.printed("body 0");
    const results = new Results(project);
    let running = true;
    void run.result.then(() => (running = false));
    const seen: { readonly status: StatusRow; readonly rows: readonly RunRow[] }[] = [];
    while (running) {
      const [status, rows, dumped] = await Promise.all([results.status("Demo/1"), results.runs(), results.dump("Demo/1/body", "--include", "one")]);
      seen.push({ status, rows });
      for (const [task, artifacts] of Object.entries(dumped)) {
        if ("one" in artifacts) expect(artifacts).toEqual({ one: `1:${task.split("/")[1]}` });
      }
    }
    expect((await run.result).code).toBe(0);
    const done = seen.map(({ status }) => status.tasks.filter((task) => task.status === "done").map((task) => task.pathspec));
    for (const [place, tasks] of done.entries()) expect(done[place + 1] ?? tasks).toEqual(expect.arrayContaining(tasks));
    expect(new Set(seen.flatMap(({ rows }) => rows.map((row) => row.status)))).toEqual(
      expect.toSatisfy((statuses: Set<string>) => [...statuses].every((status) => status === "running" || status === "done")),
    );
    expect((await results.status("Demo/1")).tasks).toHaveLength(63);
  });
});
