import type { Environment } from "../../config/environment.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import { accountingArguments, parseAccounting } from "./accounting.js";
import { formatIndexes } from "./array-indexes.js";
import { parseLimits, type ClusterLimits } from "./cluster-limits.js";
import { listingArguments, parseListing, type ListedJob } from "./job-listing.js";
import { adviceOn, hasNodesAway, isAboutNodes, isAmbiguous, isPassing, said } from "./refusal.js";
import type { CommandAnswer, SlurmCommand, SlurmCommands } from "./slurm-commands.js";

/** Ids in one call of scancel or sacct. */
const MOST_IDS = 500;

/** A job as sbatch takes it. */
export interface Submission {
  readonly step: string;
  /** No other job of the user has it. */
  readonly name: string;
  readonly args: readonly string[];
  readonly script: string;
}

/**
 * The cluster's jobs by way of its commands. What throws an Error that is no MillraceError is passing: the controller is away
 * or has no time, and one may ask again.
 */
export class SlurmJobs {
  readonly #commands: SlurmCommands;
  readonly #environment: Environment;
  readonly #user: string;
  /** Names of jobs of which nobody knows whether the controller took them. */
  readonly #doubtful = new Set<string>();

  /** @param environment What the commands find in their environment, and by way of `sbatch` the jobs. */
  constructor(commands: SlurmCommands, environment: Environment, user: string) {
    this.#commands = commands;
    this.#environment = environment;
    this.#user = user;
  }

  async limits(): Promise<ClusterLimits> {
    return parseLimits(need(await this.#run("scontrol", ["show", "config"])));
  }

  /** All jobs of the user that the controller remembers, by id. */
  async list(): Promise<ReadonlyMap<string, ListedJob>> {
    const jobs = parseListing(need(await this.#run("squeue", listingArguments(this.#user))));
    return new Map(jobs.map((job) => [job.id, job]));
  }

  /** What the cluster's accounts say of jobs. */
  async remembered(ids: readonly string[]): Promise<ReadonlyMap<string, ListedJob>> {
    const answers = await Promise.all(chunks(ids).map((part) => this.#run("sacct", accountingArguments(part))));
    return new Map(answers.flatMap((answer) => [...parseAccounting(need(answer))]));
  }

  /**
   * Asks whether sbatch would take such a job. What only the moment speaks against is no objection.
   * @throws MillraceError `slurm-refused`
   */
  async try(step: string, args: readonly string[]): Promise<void> {
    const answer = await this.#run("sbatch", ["--test-only", ...args], "#!/bin/sh\n");
    if (answer.code === 0) return;
    const advice = adviceOn(answer.stderr);
    if (advice === undefined || isPassing(answer.stderr)) return;
    // Nodes that come back may have it; if not, sbatch says so when their time has come.
    if (isAboutNodes(answer.stderr) && (await this.#hasNodesAway(args))) return;
    throw refused(step, answer, advice);
  }

  /** Whether nodes that such a job might get are down or drained. */
  async #hasNodesAway(args: readonly string[]): Promise<boolean> {
    const partition = args.filter((arg) => arg.startsWith("--partition="));
    const answer = await this.#run("sinfo", ["--noheader", "--Node", "--format=%t", ...partition]);
    return answer.code === 0 && hasNodesAway(answer.stdout);
  }

  /**
   * Submits a job and answers its id. Where the controller's answer to an earlier try got lost, it looks first whether it has it.
   * @throws MillraceError `slurm-refused`
   */
  async submit({ step, name, args, script }: Submission): Promise<string> {
    if (this.#doubtful.has(name)) {
      const found = [...(await this.list()).values()].find((job) => job.name === name);
      this.#doubtful.delete(name);
      if (found !== undefined) return arrayOf(found.id);
    }
    const answer = await this.#run("sbatch", args, script);
    // With several clusters it says “12;cluster”.
    const id = answer.code === 0 ? /^(\d+)(?:;|\s|$)/m.exec(answer.stdout)?.[1] : undefined;
    if (id !== undefined) return id;
    if (answer.code === null || answer.code === 0 || isAmbiguous(answer.stderr)) this.#doubtful.add(name);
    if (answer.code === null || isPassing(answer.stderr)) throw passing(answer);
    throw refused(step, answer, adviceOn(answer.stderr) ?? "Try the same options with sbatch by hand, or ask who runs the cluster.");
  }

  #run(command: SlurmCommand, args: readonly string[], input?: string): Promise<CommandAnswer> {
    return this.#commands.run(command, args, { env: this.#environment, ...(input !== undefined && { input }) });
  }

  /** Ends jobs, or those of them that wait. Those that have ended meanwhile are no failure. */
  async cancel(ids: readonly string[], which: "all" | "queued"): Promise<void> {
    const state = which === "queued" ? ["--state=PENDING"] : [];
    for (const part of chunks(inArrays(ids))) {
      const answer = await this.#run("scancel", ["--quiet", ...state, ...part]);
      if (answer.code === null || isPassing(answer.stderr)) throw passing(answer);
    }
  }
}

/** The array's id of an element's; a job's own is its own. */
export function arrayOf(id: string): string {
  return id.split("_", 1)[0] ?? id;
}

/** `12_[0-3,7]`: elements of one array as one word. */
function inArrays(ids: readonly string[]): readonly string[] {
  const arrays = new Map<string, number[]>();
  const words: string[] = [];
  for (const id of ids) {
    const [array = "", index] = id.split("_");
    if (index === undefined) words.push(id);
    else arrays.set(array, [...(arrays.get(array) ?? []), Number(index)]);
  }
  for (const [array, indexes] of arrays) words.push(`${array}_[${formatIndexes(indexes.sort((a, b) => a - b))}]`);
  return words;
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, index) => ids.slice(index * MOST_IDS, (index + 1) * MOST_IDS));
}

/** What a command printed, if it went well. */
function need(answer: CommandAnswer): string {
  if (answer.code === 0) return answer.stdout;
  throw passing(answer);
}

function passing({ code, stderr }: CommandAnswer): Error {
  const text = said(stderr);
  return new Error(text !== "" ? text : code === null ? "no answer in a minute" : `exit code ${code}`);
}

function refused(step: string, { stderr }: CommandAnswer, advice: string): MillraceError {
  return new MillraceError("slurm-refused", { step, said: said(stderr), advice });
}
