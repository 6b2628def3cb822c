import { remoteJobsCommand } from "../remote-jobs-command.js";

export const slurmCommand = remoteJobsCommand("slurm");
