import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { RemoteArchive, RemoteJob } from "../../src/core/remote-job.js";
import type { StoreAddress } from "../../src/core/store-address.js";
import { tarOf } from "../../src/packing/tar.js";
import { bootSource } from "../../src/runner/installation.js";

/** A job's code that tells what it was given, in two archives, and where a datastore has them. */
export const codeOfJob: ReadonlyMap<string, Uint8Array> = archivesOf({
  "node_modules/millrace/dist/remote/entry.js": `import { greeting } from "../../../../.flow/flow.mjs";
export async function main(job, root) { console.log(JSON.stringify({ greeting, flow: job.flow, cwd: process.cwd().slice(root.length) })); }`,
  "node_modules/millrace/package.json": `{ "type": "module" }`,
  [`.flow/flow.mjs`]: `export const greeting = "good morning";`,
});

function archivesOf(files: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.entries(files).map(([path, text]) => {
      const tar = tarOf([{ path, content: Buffer.from(text) }]);
      const hash = createHash("sha256").update(tar).digest("hex");
      return [`blobs/${hash.slice(0, 2)}/${hash}.br`, brotliCompressSync(tar)];
    }),
  );
}

export function jobIn(store: StoreAddress): RemoteJob {
  const archives = Array.from(codeOfJob, ([key, bytes]): RemoteArchive => {
    return { key, sha256: /([0-9a-f]{64})/.exec(key)?.[1] ?? "", bytes: bytes.length, compression: "br" };
  });
  return {
    format: 1,
    store,
    code: { archives, bundle: ".flow/flow.mjs", exportName: "default", project: ".", cwd: "work/here" },
    flow: "Demo",
    run: "1",
    tasks: "flows/Demo/1/jobs/start",
    index: 0,
  };
}

export interface BootEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the script left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs the start script as a job's command does, with nothing in its environment but what is given. */
export function boot(env: Readonly<Record<string, string>>, nodeOptions: readonly string[] = []): Promise<BootEnd> {
  const temporary = mkdtempSync(join(tmpdir(), "millrace-test-"));
  const child = spawn(process.execPath, [...nodeOptions, "--input-type=module", "-e", bootSource()], {
    env: { TMPDIR: temporary, ...env },
    cwd: tmpdir(),
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) child[stream].setEncoding("utf8").on("data", (text: string) => (printed[stream] += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const left = readdirSync(temporary);
      rmSync(temporary, { recursive: true, force: true });
      resolve({ code, ...printed, left });
    });
  });
}

/** A folder with the job's code; dispose of it. */
export class CodeFolder implements Disposable {
  readonly root = join(tmpdir(), `millrace-test-${randomUUID()}`);

  constructor() {
    for (const [key, bytes] of codeOfJob) this.write(key, bytes);
  }

  write(key: string, bytes: Uint8Array): void {
    mkdirSync(dirname(join(this.root, key)), { recursive: true });
    writeFileSync(join(this.root, key), bytes);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
