import { remoteJobsCommand } from "../remote-jobs-command.js";

export const batchCommand = remoteJobsCommand("batch");
