import { processEnvironment, type Environment } from "../config/environment.js";

/** The process that a command runs in, as far as it may touch it. */
export interface Host {
  readonly cwd: string;
  readonly environment: Environment;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function processHost(): Host {
  return { cwd: process.cwd(), environment: processEnvironment(), stdout: process.stdout, stderr: process.stderr };
}
