/*
 * The start script of a job: the first that runs on a machine which has Node and nothing else. It fetches the code that the job
 * names, unpacks it and hands over to the remote entry. The build makes one small text of it (dist/boot/boot.js), which
 * `node --input-type=module -e` takes. It must parse, and say what is wrong, on Node 14 as well.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { BOOT_EXIT_CODE, JOB_VARIABLE, parseRemoteJob, REMOTE_ENTRY, type RemoteArchive, type RemoteJob } from "../core/remote-job.js";
import { BootError } from "./boot-error.js";
import { folderFetcher } from "./folder.js";
import { s3Fetcher } from "./s3.js";
import { unpack } from "./unpack.js";

/** Reads an object of the datastore, trying again where that may help. */
export type Fetcher = (key: string) => Promise<Uint8Array>;

export type Environment = Readonly<Record<string, string | undefined>>;

const environment: Environment = process.env;
const decompress = promisify(brotliDecompress);

try {
  const job = readJob();
  let trouble: string | undefined;
  const root = await unpackCode(job, (reason) => (trouble = reason));
  const entry = (await import(pathToFileURL(join(root, REMOTE_ENTRY)).href)) as {
    main(job: RemoteJob, root: string, trouble: string | undefined): Promise<void>;
  };
  await entry.main(job, root, trouble);
} catch (error) {
  if (!(error instanceof BootError)) throw error;
  writeSync(2, `millrace: ${error.message}\n`);
  process.exit(BOOT_EXIT_CODE);
}

function readJob(): RemoteJob {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new BootError(
      `Node ${process.versions.node} at ${process.execPath} is too old: a job needs 20.19 or newer. Name another image, or another node.`,
    );
  }
  const text = environment[JOB_VARIABLE];
  if (text === undefined) throw new BootError(`${JOB_VARIABLE} is not set: this script starts jobs that millrace submitted.`);
  const job = parseRemoteJob(text);
  if (job === undefined) throw new BootError(`${JOB_VARIABLE} holds no job of this version: ${text.slice(0, 200)}`);
  return job;
}

/** Fetches and unpacks all archives at once; answers the folder. */
async function unpackCode({ store, code }: RemoteJob, onTrouble: (reason: string) => void): Promise<string> {
  const root = makeRoot();
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  const fetcher = store.kind === "local" ? folderFetcher(store.root) : s3Fetcher(store, environment, onTrouble);
  try {
    await Promise.all(code.archives.map(async (archive) => unpack(await fetchVerified(archive, fetcher), root)));
    const cwd = join(root, code.cwd);
    mkdirSync(cwd, { recursive: true });
    process.chdir(cwd);
  } catch (error) {
    if (error instanceof BootError) throw error;
    throw new BootError(`The code could not be unpacked in ${root}: ${String(error)}`);
  }
  return root;
}

function makeRoot(): string {
  try {
    // Stacks name files by their real paths.
    return realpathSync(mkdtempSync(join(tmpdir(), "millrace-")));
  } catch (error) {
    throw new BootError(`There is no place for the code in ${tmpdir()} (${String(error)}): set TMPDIR to a folder that the job may write to.`);
  }
}

async function fetchVerified({ key, sha256, compression }: RemoteArchive, fetcher: Fetcher): Promise<Uint8Array> {
  const stored = await fetcher(key);
  // What cannot be decompressed has no hash.
  const archive = compression === undefined ? stored : await decompress(stored).catch(() => undefined);
  if (archive !== undefined && createHash("sha256").update(archive).digest("hex") === sha256) return archive;
  throw new BootError(`${key} is damaged in the datastore (${stored.length} bytes that do not have the hash they are named after).`);
}
