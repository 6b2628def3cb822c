import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { SlurmService } from "../../rig/services.js";
import type { Place } from "./place.js";

const exec = promisify(execFile);

/**
 * A Slurm, with the project's own datastore, which is a folder that its nodes see.
 * @param datastore Another one instead: what commands find in their environment.
 */
export function slurmPlace({ env }: SlurmService, datastore?: NodeJS.ProcessEnv): Place {
  return {
    name: datastore === undefined ? "Slurm" : "Slurm with S3",
    args: ["--with", "slurm"],
    env: { ...env, ...datastore },
    command: "slurm",
    jobs: (flow) => jobsOf(flow, env),
  };
}

/** Ids of the flow's jobs that wait or are at work. */
export async function jobsOf(flow: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { stdout } = await exec("squeue", ["--noheader", "--format=%i|%j"], { env: { ...process.env, ...env } });
  return stdout.split("\n").flatMap((line) => {
    const [id = "", name = ""] = line.split("|");
    return name.startsWith(`${flow}-`) ? [id] : [];
  });
}
