import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Project } from "../rig/project.js";
import { Random, seeds } from "../rig/random.js";
import { Results } from "../rig/results.js";
import { killSomewhere, requireReadable, SHARING_FLOW } from "./sharing-flow.js";

const ROUNDS = 4;

/** As if nothing had been stored for hours: all that nobody refers to may go. */
async function age(project: Project): Promise<void> {
  const folder = project.path(".millrace/blobs");
  const old = new Date(Date.now() - 5 * 60 * 60 * 1000);
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) await utimes(join(folder, name), old, old).catch(() => {});
}

describe("gc beside writers, killed at random", () => {
  test.each(seeds(1, 2, 3))(
    "loses nothing that is kept (seed %i)",
    async (seed) => {
      const random = new Random(seed);
      await using project = await Project.create({ "flow.ts": SHARING_FLOW });
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
        await requireReadable(results);
      }
      // What was left half done is finished, and nothing is left over.
      await age(project);
      await project.expectMillrace(0, ["gc", "--keep", "1"]);
      await requireReadable(results);
    },
    120_000,
  );
});
