import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleScript } from "../store/bundled-script.js";

/** What became of a script. */
export interface ChildResult {
  readonly code: number | null;
  /** What it gave `tell`, in order. */
  readonly told: readonly unknown[];
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script in a process whose output goes to files, as a task process's does.
 * @param source TypeScript; `tell(value)` answers.
 */
export async function runInChild(source: string): Promise<ChildResult> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-child-"));
  const files = ["out", "err"].map((name) => join(folder, name));
  try {
    const script = bundleScript(folder, "script", `const tell = (value: unknown): void => void process.send?.({ told: value });\n${source}`);
    const [out = 0, err = 0] = files.map((file) => openSync(file, "a+"));
    const child = spawn(process.execPath, [script], { stdio: ["ignore", out, err, "ipc"] });
    const told: unknown[] = [];
    child.on("message", (message: { readonly told: unknown }) => told.push(message.told));
    const [code] = (await once(child, "close")) as [number | null];
    for (const file of [out, err]) closeSync(file);
    const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
    return { code, told, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
