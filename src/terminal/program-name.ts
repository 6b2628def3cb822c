import type { Environment } from "../config/environment.js";

/**
 * How millrace was called, for commands that people copy: `millrace` when it is installed on the machine, `npx millrace`
 * (or what another package manager says) when the package manager found it in the project.
 */
export function programName(environment: Environment): string {
  const agent = environment["npm_config_user_agent"];
  if (agent === undefined) return "millrace";
  const manager = agent.slice(0, agent.search(/[/ ]|$/));
  return { pnpm: "pnpm millrace", yarn: "yarn millrace", bun: "bunx millrace" }[manager] ?? "npx millrace";
}
