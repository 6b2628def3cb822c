import { reachEngine } from "../compute/remote/reach-engine.js";
import { findRunJobs, type RunJob } from "../compute/remote/run-jobs.js";
import type { RemoteEngine } from "../compute/remote/engine.js";
import { openEngine } from "../compute/open-engine.js";
import type { EngineName } from "../compute/step-place.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPathspec } from "../core/pathspec.js";
import { plural } from "../core/quantity-text.js";
import { formatTable } from "../terminal/text-table.js";
import { exitCodes, type Command } from "./command.js";
import { readingOptions } from "./option.js";
import { openNamedRun, type NamedRun } from "./reading/named-run.js";
import type { Screen } from "./screen.js";
import { printJson, simpleCommand } from "./simple-command.js";

/** What the commands of remote jobs can do. */
export const remoteJobsActions = ["list", "kill"] as const;

const titles: Readonly<Record<EngineName, string>> = { batch: "AWS Batch", slurm: "Slurm" };

/** `millrace batch`, `millrace slurm`: the jobs that runs have at an engine. */
export function remoteJobsCommand(name: EngineName): Command {
  const title = titles[name];
  return simpleCommand({
    name,
    usage: "list|kill PATHSPEC [options]",
    description: [
      `Lists or ends the jobs that a run has on ${title}: of the whole run, a step, or one task. A flow's name alone stands`,
      "for its newest run. While the run's own process lives, it takes what was killed for failed.",
    ].join("\n"),
    options: [{ name: "all", help: `with list: jobs that have ended too, as far as ${title} remembers` }, ...readingOptions],
    examples: [
      { command: `millrace ${name} list ScoreFlow/12`, does: "what waits and what is at work" },
      { command: `millrace ${name} kill ScoreFlow/latest/score`, does: "ends the jobs of one step" },
    ],
    words: { least: 2, most: 2, what: "what to do, and a run" },

    async work({ words: [word = "", text = ""], arguments: given, settings, screen }) {
      const action = remoteJobsActions.find((known) => known === word);
      if (action === undefined)
        throw new MillraceError("jobs-action-unknown", { command: name, action: word, nearest: nearestName(word, remoteJobsActions) });
      const named = await openNamedRun(settings, text);
      await using engine = await openEngine(name, { options: named.run.record.options });
      const jobs = selected(await reachEngine(engine, () => findRunJobs(engine, named.run)), named);
      const atWork = jobs.filter(({ state }) => state.phase === "queued" || state.phase === "running");
      if (action === "kill") await kill(engine, atWork, named, screen, settings.json);
      else list(given.options.has("all") ? jobs : atWork, { named, title, screen, json: settings.json });
      return exitCodes.done;
    },
  });
}

function selected(jobs: readonly RunJob[], { pathspec: { step, task } }: NamedRun): readonly RunJob[] {
  return jobs.filter(({ spec }) => (step === undefined || spec.step === step) && (task === undefined || spec.task === task));
}

async function kill(engine: RemoteEngine, jobs: readonly RunJob[], { run }: NamedRun, screen: Screen, json: boolean): Promise<void> {
  await engine.cancel(
    jobs.map(({ id }) => id),
    "all",
    `millrace ${engine.name} kill`,
  );
  const { out } = screen;
  if (json) printJson(screen, jobs.map(rowOf));
  else if (jobs.length === 0) out.write(`${run.pathspec} has no jobs on ${engine.title} that wait or are at work.\n`);
  else out.write(`${engine.title} was told to end ${plural(jobs.length, "job")} of ${run.pathspec}.\n`);
}

interface ListContext {
  readonly named: NamedRun;
  readonly title: string;
  readonly screen: Screen;
  readonly json: boolean;
}

function list(jobs: readonly RunJob[], { named: { run }, title, screen, json }: ListContext): void {
  const rows = jobs.map(rowOf);
  if (json) {
    printJson(screen, rows);
    return;
  }
  if (rows.length === 0) {
    screen.out.write(`${run.pathspec} has no jobs on ${title} that wait or are at work.\n`);
    return;
  }
  const columns = [{ title: "TASK" }, { title: "ATTEMPT", align: "right" }, { title: "JOB" }, { title: "STATE" }] as const;
  const lines = formatTable(
    columns,
    rows.map(({ task, attempt, job, state, note }) => [task, String(attempt), job, note === undefined ? state : `${state}: ${note}`]),
    screen.colors.gray,
  );
  screen.out.write(`${lines.join("\n")}\n`);
}

interface JobRow {
  /** The task's pathspec. */
  readonly task: string;
  readonly attempt: number;
  readonly job: string;
  readonly state: string;
  /** Why it waits, or what ended it. */
  readonly note?: string;
}

function rowOf({ id, state, spec: { flow, run, step, task, attempt } }: RunJob): JobRow {
  const note = state.phase === "queued" ? state.note : state.phase === "ended" ? state.failure?.message : undefined;
  return { task: formatPathspec(flow, run, step, task), attempt, job: id, state: state.phase, ...(note !== undefined && { note }) };
}
