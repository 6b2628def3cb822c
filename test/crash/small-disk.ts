import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system in memory that a test can fill, enlarge and lock; needs a privileged user on Linux. */
export class SmallDisk implements Disposable {
  constructor(
    readonly folder: string,
    sizeKb: number,
  ) {
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKb}k,mode=777`, "tmpfs", folder], { stdio: "pipe" });
  }

  /** Takes up room, in a file of its own. */
  fill(kb: number): void {
    writeFileSync(join(this.folder, "filling"), Buffer.alloc(kb * 1024, 1));
  }

  enlarge(sizeKb: number): void {
    execFileSync("mount", ["-o", `remount,size=${sizeKb}k`, this.folder], { stdio: "pipe" });
  }

  readOnly(yes: boolean): void {
    execFileSync("mount", ["-o", `remount,${yes ? "ro" : "rw"}`, this.folder], { stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    execFileSync("umount", ["-l", this.folder], { stdio: "pipe" });
  }
}

/** Whether this user may mount file systems here. */
export function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "millrace-mount-"));
  try {
    new SmallDisk(folder, 64)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
