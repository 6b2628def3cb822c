import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { processEnvironment } from "../../config/environment.js";
import type { EngineSettings } from "../open-engine.js";
import type { RemoteEngine } from "../remote/engine.js";
import { LocalSlurmCommands } from "./slurm-commands.js";
import { SlurmEngine } from "./slurm-engine.js";

/** The cluster that this machine belongs to. */
export function openSlurm({ options: { slurm = {} } }: EngineSettings): RemoteEngine {
  return new SlurmEngine({
    commands: new LocalSlurmCommands(),
    environment: processEnvironment(),
    user: userInfo().username,
    defaults: slurm,
    sharedFolder: slurm.logs ?? join(homedir(), ".millrace/slurm"),
    execPath: process.execPath,
    now: Date.now,
  });
}
