import type { Colors } from "./colors.js";

/** What every renderer of runs needs to know of its surroundings. */
export interface ReportContext {
  readonly colors: Colors;
  /** How commands for people to copy begin: `millrace`, `npx millrace`. */
  readonly program: string;
  /** The folder of the command. */
  readonly cwd: string;
  /** ` --datastore PATH` where commands need it to find the run's datastore; else empty. */
  readonly datastoreOption: string;
}
