import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one attempt's own: made when it is first asked for, removed after the attempt. */
export class TaskFolder {
  #path: string | undefined;

  get path(): string {
    this.#path ??= mkdtempSync(join(tmpdir(), "millrace-task-"));
    return this.#path;
  }

  remove(): void {
    if (this.#path === undefined) return;
    try {
      rmSync(this.#path, { recursive: true, force: true });
    } catch {
      // Something in it is still in use. It lies among the system's temporary files, which are cleared in time.
    }
  }
}
