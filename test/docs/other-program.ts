import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { REPOSITORY } from "../rig/command.js";

/** Runs a command in a document's project that is not millrace's, and answers with what it printed. Undefined for what no document may run. */
export function otherProgram(
  [program, ...args]: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): ((exitCode: number) => Promise<string>) | undefined {
  if (program === "npx" && args[0] === "vitest") {
    return (exitCode) => runNode([join(REPOSITORY, "node_modules/vitest/vitest.mjs"), ...args.slice(1)], { folder, env }, exitCode);
  }
  return program === "node" ? (exitCode) => runNode(args, { folder, env }, exitCode) : undefined;
}

async function runNode(
  args: readonly string[],
  { folder, env: given }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
  exitCode: number,
): Promise<string> {
  // The documents' test runner sets variables that one inside of it must not see.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_|TEST$|FORCE_COLOR|GITHUB_)/.test(name)));
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...env, ...given, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (printed += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== exitCode) throw new Error(`node ${args.join(" ")} ended with exit code ${code}:\n${printed}`);
  return printed;
}
