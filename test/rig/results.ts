import { expect } from "vitest";
import type { Project } from "./project.js";

/** `millrace runs --json`, one element. */
export interface RunRow {
  readonly pathspec: string;
  readonly status: "running" | "done" | "failed" | "lost" | "interrupted";
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly user: string;
  readonly startedAt: unknown;
  readonly finishedAt?: unknown;
  readonly origin?: unknown;
}

export interface StepRow {
  readonly name: string;
  readonly tasks: { readonly done: number; readonly failed: number; readonly running: number; readonly reused: number };
}

export interface TaskRow {
  readonly pathspec: string;
  readonly status: "done" | "failed" | "running";
  readonly attempt: number;
  readonly reused: boolean;
  readonly startedAt: unknown;
  readonly finishedAt: unknown;
  readonly error?: unknown;
}

/** `millrace status --json`. */
export interface StatusRow extends RunRow {
  readonly steps: readonly StepRow[];
  readonly tasks: readonly TaskRow[];
}

/** Artifacts by task (`score/3`) and name. */
export type Artifacts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a finished or running run left, read through the public commands alone. */
export class Results {
  /** @param env Added to the project's environment. */
  constructor(
    private readonly project: Project,
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  async runs(flow?: string): Promise<readonly RunRow[]> {
    return (await this.#json(["runs", ...(flow === undefined ? [] : [flow]), "--json"])) as readonly RunRow[];
  }

  async status(run: string): Promise<StatusRow> {
    return (await this.#json(["status", run, "--json"])) as StatusRow;
  }

  /** Artifacts of a run, step or task, keyed by `step/task` (a reused task's own run left out). */
  async dump(pathspec: string, ...options: readonly string[]): Promise<Artifacts> {
    const dumped = (await this.#json(["dump", pathspec, ...options, "--json"])) as Artifacts;
    return Object.fromEntries(Object.entries(dumped).map(([task, artifacts]) => [shortTask(task), artifacts]));
  }

  /** One artifact of one task. */
  async artifact(task: string, name: string): Promise<unknown> {
    const [artifacts] = Object.values(await this.dump(task, "--include", name));
    return artifacts?.[name];
  }

  async logs(pathspec: string, ...options: readonly string[]): Promise<string> {
    return (await this.project.expectMillrace(0, ["logs", pathspec, ...options], { env: this.env })).stdout;
  }

  async #json(args: readonly string[]): Promise<unknown> {
    const result = await this.project.expectMillrace(0, args, { env: this.env });
    try {
      return JSON.parse(result.stdout);
    } catch {
      return expect.fail(`millrace ${args.join(" ")} printed no JSON:\n${result.all}`);
    }
  }
}

/** `score/3` of `ScoreFlow/12/score/3`. */
export function shortTask(pathspec: string): string {
  return pathspec.split("/").slice(2).join("/");
}
