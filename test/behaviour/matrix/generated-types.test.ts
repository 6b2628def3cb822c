import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { REPOSITORY } from "../../rig/command.js";
import { Project } from "../../rig/project.js";
import { catchableSteps, planMerges } from "./oracle.js";
import { branches, fanOuts, joins, loops, switches } from "./shapes.js";
import { flowSource, TRIAL } from "./source.js";

test("every shape compiles under strict types, as a user would write it", async () => {
  const sources = Object.entries({ ...branches, ...fanOuts, ...switches, ...loops, ...joins }).map(([name, flow]) => {
    const catchable = catchableSteps(flow);
    return [`${name.replaceAll(" ", "-")}.ts`, flowSource(flow, { merges: planMerges(flow), catching: (step) => catchable.has(step) })] as const;
  });
  const options = {
    strict: true,
    target: "es2022",
    module: "nodenext",
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(REPOSITORY, "node_modules/@types")],
  };
  await using project = await Project.create({
    ...Object.fromEntries(sources),
    "trial.ts": TRIAL,
    "tsconfig.json": JSON.stringify({ compilerOptions: options, include: ["*.ts"] }),
  });
  const compiler = join(REPOSITORY, "node_modules/typescript/bin/tsc");
  const output = await promisify(execFile)(process.execPath, [compiler, "-p", project.root]).then(
    ({ stdout }) => stdout,
    (error: unknown) => (typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : String(error)),
  );
  expect(output).toBe("");
});
