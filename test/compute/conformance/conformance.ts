import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-event.js";
import { until } from "../../rig/condition.js";
import { lineOf } from "../../rig/flow-text.js";
import { killHard } from "../../rig/processes.js";
import { Project } from "../../rig/project.js";
import { Results } from "../../rig/results.js";
import { endings, endingsFlow, printingFlow, SAMPLE_VALUES, travelsFlow, waitingFlow } from "./flows.js";
import type { Place } from "./place.js";

/** Ways to end, and what is said of them. */
const says: Readonly<Record<keyof typeof endings, RegExp>> = {
  throws: /RangeError: out of range: {"name":"throws"}/,
  exits: /exit(?:ed)?.*3/,
  "is killed": /SIGKILL/,
  "never yields": /took longer than its @timeout of (?:3|15) s/,
  "loses its job": /was cancelled|ended the task's job/,
};

/**
 * What every place where steps run has to do alike, through the real command line. The runs go on at the same time, where most
 * of it is waiting.
 * @param only The tests to run, for a place that another one resembles.
 */
export function conformance(place: Place, only: readonly ConformanceTest[] = ["travels", "endings", "reads", "cancel", "resume"]): void {
  describe(`what every place does alike: ${place.name}`, { concurrent: place.isBusy !== true }, () => {
    for (const name of only) test(titles[name], () => inProject(place, tests[name]), PATIENCE_MS);
  });
}

/** Long, because a loaded machine is no failure. */
const PATIENCE_MS = 240_000;

export type ConformanceTest = keyof typeof titles;

const titles = {
  travels: "data of every kind, files, output, fan-outs, retries and caught errors are as at home",
  endings: "a task that ends badly fails alone, and says why",
  reads: "what a task prints can be read along by others while it is at work",
  cancel: "Ctrl-C ends what runs, leaves nothing behind, and the run goes on from there",
  resume: "a scheduler that is killed leaves a run that goes on: exact, and nothing that lives on is started twice",
} as const;

const tests: Readonly<Record<ConformanceTest, ProjectTest>> = { travels, endings: endBadly, reads: readAlong, cancel, resume };

async function travels(place: Place, project: Project): Promise<void> {
  const flow = newName("Travels");
  await project.write({
    [`flows/${flow}.ts`]: travelsFlow(flow).replace("./rig.js", "../rig.js"),
    "lib/sample-values.ts": SAMPLE_VALUES,
    "flows/data/words.txt": "words of the module\n",
    "data/words.txt": "words of the folder\n",
  });
  const events = await run(project, place, ["run", `flows/${flow}.ts`, "--package-suffixes", ".txt"]);
  const results = new Results(project);
  expect(await results.artifact(`${flow}/1/meet`, "seen")).toEqual([
    "words of the module",
    "words of the folder",
    "from the decorator",
    "2",
    "TypeError: always broken",
    "3 30",
  ]);
  expect((await results.logs(`${flow}/1/part/1.1`, "--stdout")).split("\n")).toEqual([
    "first of b2 größe ✓ 😀",
    "second",
    "from a child process",
    "last",
    "",
  ]);
  expect(await results.logs(`${flow}/1/part/1.1`, "--stderr")).toBe("a warning: é\n");
  // What was shown while it ran is the same, once.
  const stdout = ["first of b2 größe ✓ 😀\n", "second\n", "from a child process\n", "last\n"];
  const shown = (["stdout", "stderr"] as const).map((stream) => outputOf(events, "part/1.1", stream));
  if (place.mixesStreams === true) {
    const lines = shown.join("").split(/(?<=\n)/);
    expect(lines.filter((line) => line !== "a warning: é\n")).toEqual(stdout);
    expect(lines).toHaveLength(stdout.length + 1);
  } else expect(shown).toEqual([stdout.join(""), "a warning: é\n"]);
  const failed = events.flatMap((event) => (event.type === "task-failed" ? [[event.task.step, event.failure.message]] : []));
  expect(failed.toSorted()).toEqual([["flaky", "the first attempt fails"]]);
  await untilNoJobs(place, flow);
}

async function endBadly(place: Place, project: Project): Promise<void> {
  const flow = newName("Endings");
  const ways = (Object.keys(endings) as (keyof typeof endings)[]).filter((way) => place.command !== undefined || way !== "loses its job");
  const text = endingsFlow(flow, ways, place.command === undefined ? "3s" : "15s");
  await project.write({ "flow.ts": text });
  const command = project.start(["run", "flow.ts", "--keep-going", ...place.args]);
  if (place.command !== undefined) {
    await project.gates.reached("loses its job");
    const victim = `${flow}/1/body/${ways.indexOf("loses its job")}`;
    const { stdout } = await project.expectMillrace(0, [place.command, "list", victim]);
    expect(stdout).toMatch(new RegExp(`^${victim} .*running`, "m"));
    await project.expectMillrace(0, [place.command, "kill", victim]);
  }
  const { code, all } = await command.result;
  expect(code, all).toBe(1);
  const { tasks } = await new Results(project).status(`${flow}/1`);
  for (const [index, way] of [...ways, "ends well" as const].entries()) {
    const task = tasks.find(({ pathspec }) => pathspec === `${flow}/1/body/${index}`);
    if (way === "ends well") expect(task).toMatchObject({ status: "done" });
    else {
      expect(task, way).toMatchObject({ status: "failed", attempt: 0 });
      expect(JSON.stringify(task?.error).replaceAll('\\"', '"'), way).toMatch(says[way]);
    }
    expect(await new Results(project).logs(`${flow}/1/body/${index}`), way).toContain(`begins: ${way}`);
  }
  expect(all).toContain(`flow.ts:${lineOf(text, "the line")}`);
  await untilNoJobs(place, flow);
}

async function readAlong(place: Place, project: Project): Promise<void> {
  const flow = newName("Prints");
  await project.write({ "flow.ts": printingFlow(flow) });
  const command = project.start(["run", "flow.ts", ...place.args]);
  await project.gates.reached("one");
  const follower = project.start(["logs", `${flow}/1`, "--follow"]);
  const errors = project.start(["logs", `${flow}/1/start/0`, "--follow", "--stderr"]);
  await follower.printed("before the gate ü");
  await errors.printed("an error line");
  expect(follower.output).not.toContain("after the gate");
  const soFar = await project.expectMillrace(0, ["logs", `${flow}/1/start/0`]);
  expect(soFar.stdout.trim().split("\n").toSorted()).toEqual(["an error line", "before the gate ü"]);
  project.gates.open("one");
  await follower.printed("after the gate");
  project.gates.open("two");
  const { code, all } = await command.result;
  expect(code, all).toBe(0);
  const followed = await follower.result;
  expect(followed.code, followed.all).toBe(0);
  for (const line of ["before the gate ü", "an error line", "after the gate", "the end"]) expect(followed.stdout.split(line), line).toHaveLength(2);
  expect((await errors.result).stdout).toBe("an error line\n");
}

async function cancel(place: Place, project: Project): Promise<void> {
  const flow = newName("Cancel");
  await project.write({ "flow.ts": waitingFlow(flow) });
  project.gates.open("start");
  const first = project.start(["run", "flow.ts", ...place.args, "--json"]);
  await project.gates.reached("start");
  await Promise.all([0, 1, 2].map((task) => project.gates.reached(`body/${task}`)));
  if (place.command !== undefined) expect(await place.jobs(flow)).not.toEqual([]);
  first.signal("SIGINT");
  const { code, all } = await first.result;
  expect(code, all).toBe(130);
  await untilNoJobs(place, flow);
  await project.gates.when("nobody waits any more", () => project.gates.waiting.length === 0);
  expect(await new Results(project).status(`${flow}/1`)).toMatchObject({ status: "interrupted" });
  project.gates.openAll();
  await run(project, place, ["resume", "flow.ts"]);
  expect(await new Results(project).artifact(`${flow}/2/end`, "total")).toBe(6);
  expect(visits(project)).toEqual(["body/0", "body/0", "body/1", "body/1", "body/2", "body/2", "start"]);
}

async function resume(place: Place, project: Project): Promise<void> {
  const flow = newName("Resume");
  await project.write({ "flow.ts": waitingFlow(flow) });
  project.gates.open("start");
  const first = project.start(["run", "flow.ts", ...place.args]);
  await project.gates.reached("start");
  await Promise.all([0, 1, 2].map((task) => project.gates.reached(`body/${task}`)));
  // One of them is done and on record, unseen by anyone.
  project.gates.open("body/1");
  await until("a task is done", async () => {
    const { tasks } = await new Results(project).status(`${flow}/1`);
    return tasks.some(({ pathspec, status }) => pathspec.endsWith("/body/1") && status === "done");
  });
  first.signal("SIGKILL");
  await first.result;
  if (place.command === undefined) await project.untilNoneLeft();
  const second = project.start(["resume", "flow.ts", ...place.args, "--json"]);
  await second.event("run-started");
  project.gates.openAll();
  const { code, all } = await second.result;
  expect(code, all).toBe(0);
  expect(await new Results(project).artifact(`${flow}/2/end`, "total")).toBe(6);
  const again = place.command !== undefined ? [] : ["body/0", "body/2"];
  expect(visits(project)).toEqual(["body/0", "body/1", "body/2", ...again, "start"].toSorted());
  await untilNoJobs(place, flow);
}

/** A flow's name that no other test has at the same time. */
function newName(what: string): string {
  return `${what}${randomBytes(4).toString("hex")}`;
}

type ProjectTest = (place: Place, project: Project) => Promise<void>;

async function inProject(place: Place, work: ProjectTest): Promise<void> {
  await using project = await Project.create({}, { packages: ["apache-arrow"], env: place.env, patienceMs: PATIENCE_MS });
  await project.write({ "rig-gates.ts": `export const RIG_GATES = "${project.gates.port}";\n` });
  try {
    await work(place, project);
  } catch (error) {
    // What is still at work must not hide why.
    for (const pid of project.processes) killHard(pid);
    throw error;
  }
}

/** Runs a command to its end, which is to be good, and answers its events. */
async function run(project: Project, place: Place, args: readonly string[]): Promise<readonly RunEvent[]> {
  const command = project.start([...args, ...place.args, "--json"]);
  const { code, all } = await command.result;
  expect(code, all).toBe(0);
  return command.events;
}

function outputOf(events: readonly RunEvent[], task: string, stream: "stdout" | "stderr"): string {
  return events
    .flatMap((event) => (event.type === "task-output" && event.stream === stream && event.task.pathspec.endsWith(`/${task}`) ? [event.text] : []))
    .join("");
}

function visits(project: Project): readonly string[] {
  return project.gates.visits.map(({ name }) => name).toSorted();
}

async function untilNoJobs(place: Place, flow: string): Promise<void> {
  await until("no job is left", async () => (await place.jobs(flow)).length === 0);
}
