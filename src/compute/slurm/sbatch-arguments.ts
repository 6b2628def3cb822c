import { findDecorator, isNumber, isString, option } from "../../core/definition.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { GraphStep } from "../../core/graph.js";
import type { SlurmDefaults } from "../../core/records.js";
import { stepResources } from "../remote/step-resources.js";
import { isTexts } from "./node-settings.js";

/**
 * The options of sbatch that a step's decorators ask for. What nobody asked for is left to the cluster's defaults, memory too: sites
 * set what suits their nodes, and some have no say in memory at all.
 * @throws MillraceError `slurm-extra`
 */
export function resourceArguments(step: GraphStep, defaults: SlurmDefaults = {}): readonly string[] {
  const slurm = findDecorator(step, "slurm");
  const { cpu, memoryMb, diskMb, gpu = 0 } = stepResources(step, "slurm");
  const text = (name: string): string | undefined => option(slurm, name, isString);
  const timeMs = option(slurm, "timeMs", isNumber);
  return [
    ...given("partition", text("partition") ?? defaults.partition),
    ...given("account", text("account") ?? defaults.account),
    ...given("qos", text("qos")),
    ...given("constraint", text("constraint")),
    ...given("nodes", option(slurm, "nodes", isNumber)),
    ...given("cpus-per-task", cpu === undefined ? undefined : Math.max(1, Math.ceil(cpu))),
    ...given("mem", megabytes(memoryMb)),
    ...given("tmp", megabytes(diskMb)),
    // Understood by every way that clusters share nodes out, unlike --gpus.
    ...given("gres", gpu > 0 ? `gpu:${gpu}` : undefined),
    // Slurm counts in minutes.
    ...given("time", timeMs === undefined ? undefined : Math.max(1, Math.ceil(timeMs / 60_000))),
    ...extraOptions(step, option(slurm, "extra", isTexts) ?? []),
  ];
}

/** What the jobs of an array are told apart by from a job of its own: what is left of an array may be listed like one. */
export const ARRAY_COMMENT = "millrace array";

/** What makes a job millrace's: it stands last, where it counts. */
export function jobArguments(job: { readonly name: string; readonly count: number; readonly folder: string }): readonly string[] {
  // A percent sign begins a pattern of Slurm's.
  const place = `${job.folder.replaceAll("%", "%%")}/${job.count > 1 ? "%A_%a" : "%j"}`;
  return [
    "--parsable",
    "--ntasks=1",
    `--job-name=${job.name}`,
    ...(job.count > 1 ? [`--array=0-${job.count - 1}`, `--comment=${ARRAY_COMMENT}`] : []),
    `--output=${place}.out`,
    `--error=${place}.err`,
    // A job that is started again, where the step asks for that, goes on with its files.
    "--open-mode=append",
    // The one folder that is on every node: the job makes one of its own.
    "--chdir=/",
    // All of the environment that sbatch was given, see job-environment.ts.
    "--export=ALL",
  ];
}

function hasOption(args: readonly string[], name: string): boolean {
  return args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
}

/** What `extra` may not say: it would break how jobs are started and found. */
const OWN =
  /^(?:--(?:array|job-name|output|error|input|open-mode|chdir|export|export-file|comment|parsable|wrap|wait|test-only|clusters)(?:=|$)|-[aJoeiDWM])/;

function extraOptions(step: GraphStep, extra: readonly string[]): readonly string[] {
  for (const value of extra) {
    if (!value.startsWith("-") || OWN.test(value)) throw new MillraceError("slurm-extra", { step: step.name, value });
  }
  // A node that fails would start the task again behind the run's back: whether to try again is @retry's to say.
  return hasOption(extra, "requeue") ? extra : ["--no-requeue", ...extra];
}

function given(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function megabytes(amount: number | undefined): string | undefined {
  return amount === undefined || amount === 0 ? undefined : `${Math.ceil(amount)}M`;
}
