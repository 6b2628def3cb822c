import { spawn, type ChildProcess } from "node:child_process";

/**
 * Watches over the task processes for a scheduler that may be killed at any moment: it holds one end of a pipe, and
 * when the other end is gone it ends every process group it was told of and removes the folder of their output. A step
 * that never yields cannot notice by itself that its scheduler is gone.
 */
const SHELL_SCRIPT = `trap '' INT TERM HUP
pids=
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
  esac
done
for p in $pids; do kill -KILL "-$p" 2>/dev/null; done
rm -rf "$1"`;

/** The same for machines without a shell. */
const NODE_SCRIPT = `const pids = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => (line[0] === "+" ? pids.add(+line.slice(2)) : pids.delete(+line.slice(2))))
  .on("close", () => {
    for (const pid of pids) try { process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL"); } catch {}
    require("node:fs").rmSync(process.argv[1], { recursive: true, force: true });
  });`;

export class Reaper {
  #child: ChildProcess;

  /** @param folder Removed at the end. */
  constructor(folder: string) {
    this.#child =
      process.platform === "win32" ? start(process.execPath, ["-e", NODE_SCRIPT, folder]) : start("/bin/sh", ["-c", SHELL_SCRIPT, "sh", folder]);
    this.#child.once("error", () => {
      this.#child = start(process.execPath, ["-e", NODE_SCRIPT, folder]);
    });
  }

  add(pid: number): void {
    this.#child.stdin?.write(`+ ${pid}\n`);
  }

  remove(pid: number): void {
    this.#child.stdin?.write(`- ${pid}\n`);
  }

  /** The reaper removes the folder and ends. */
  close(): void {
    this.#child.stdin?.end();
  }
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["pipe", "ignore", "ignore"], detached: true, windowsHide: true, cwd: "/" });
  child.stdin?.on("error", () => {});
  child.unref();
  const { stdin } = child;
  if (stdin !== null && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return child;
}
