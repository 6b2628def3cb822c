import { workerData } from "node:worker_threads";
import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { BlobCache } from "./blob-cache.js";
import { Patience } from "./retries.js";
import { connectS3, type S3Connection } from "./s3-client.js";
import { S3Objects } from "./s3-objects.js";
import { ANSWERS, HEARTBEAT, type ThreadAnswer, type ThreadError, type ThreadRequest, type ThreadStart } from "./thread-messages.js";

// The thread that talks to S3 for its process: so that a step can wait for an artifact without a turn of the event loop, and the
// process's own thread neither signs requests nor loads the SDK.

/** Until S3 has answered for the first time, the place may just be wrong. */
const FIRST_PATIENCE_MS = 10_000;
const PATIENCE_MS = 5 * 60 * 1000;
const HEARTBEAT_MS = 1_000;

const { address, port, signal, patient } = workerData as ThreadStart;

const patienceMs = address.patienceMs ?? PATIENCE_MS;
const tell = (reason: string): void => answer({ trouble: reason });
const patience = new Patience(patient ? patienceMs : Math.min(FIRST_PATIENCE_MS, patienceMs), tell, { known: patient });

let connection: Promise<S3Connection> | undefined;
const objects = new S3Objects(address, () => (connection ??= connectS3(address)), patience);
const cache = address.cache === undefined ? undefined : new BlobCache(address.cache);

port.on("message", (request: ThreadRequest) => void serve(request));
setInterval(() => Atomics.add(signal, HEARTBEAT, 1), HEARTBEAT_MS).unref();

async function serve(request: ThreadRequest): Promise<void> {
  try {
    const value = await carryOut(request);
    patience.giveUpMs = patienceMs;
    answer({ id: request.id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
  } catch (error) {
    answer({ id: request.id, error: threadError(error) });
  }
}

async function carryOut({ operation, given }: ThreadRequest): Promise<unknown> {
  switch (operation) {
    case "get":
      return (await cache?.read(given.key, given.range)) ?? (await getAndKeep(given.key, given.range));
    case "put": {
      const written = await objects.put(given.key, given.bytes, given.ifAbsent);
      if (written) cache?.keep(given.key, given.bytes);
      return written;
    }
    case "stat":
      return objects.stat(given.key);
    case "touch":
      return objects.touch(given.key);
    case "list":
      return objects.list(given.prefix, given.from);
    case "names":
      return objects.names(given.prefix);
    case "region":
      return objects.region();
    case "isAws":
      return objects.isAws();
    case "delete":
      return objects.delete(given.keys);
  }
}

async function getAndKeep(...[key, range]: Parameters<S3Objects["get"]>): Promise<Uint8Array | undefined> {
  const bytes = await objects.get(key, range);
  if (bytes !== undefined && range === undefined) cache?.keep(key, bytes.slice());
  return bytes;
}

function answer(message: ThreadAnswer, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
  Atomics.add(signal, ANSWERS, 1);
  Atomics.notify(signal, ANSWERS);
}

function threadError(error: unknown): ThreadError {
  if (isMillraceError(error)) return { code: error.code, parameters: error.parameters, message: error.message };
  return { code: "", parameters: {}, message: error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error) };
}
