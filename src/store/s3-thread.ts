import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";
import { processEnvironment } from "../config/environment.js";
import { MillraceError } from "../core/errors/millrace-error.js";
import { isErrorCode } from "../core/errors/registry.js";
import type { S3Address } from "../core/store-address.js";
import {
  ANSWERS,
  HEARTBEAT,
  type ThreadAnswer,
  type ThreadError,
  type ThreadOperation,
  type ThreadOperations,
  type ThreadStart,
} from "./s3/thread-messages.js";

/** The SDK says at each start which Node it will need some day: nobody here can do anything about it. */
const SILENCE = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/** A thread that shows no sign of life for so long, while somebody waits for it, is gone. */
const LIFELESS_MS = 60_000;
const LOOK_MS = 5_000;

export interface ThreadOptions {
  /** The thread's program; the built one. */
  readonly entry?: URL;
  /** The place is known to be there: outages are waited out from the first request on. */
  readonly patient?: boolean;
}

/** A request that is on its way, or answered. */
export interface Call<T> {
  /** Resolves with the answer. The process stays for it. */
  answer(): Promise<T>;
  /** The answer, while the caller's thread waits. */
  wait(): T;
}

/** The thread that talks to S3 for this one, as this one sees it. It does not keep the process. */
export class S3Thread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(8));
  readonly #calls = new Map<number, PendingCall>();
  readonly #listeners = new Set<(reason: string) => void>();
  #lastId = 0;
  #awaited = 0;
  #gone: Error | undefined;

  constructor(address: S3Address, { entry = new URL("../store/s3/thread.js", import.meta.url), patient = false }: ThreadOptions = {}) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: ThreadStart = { address, port: port2, signal: this.#signal, patient };
    this.#worker = new Worker(entry, {
      workerData: start,
      transferList: [port2],
      name: "millrace S3",
      env: { ...processEnvironment(), ...SILENCE },
      // A job's own flags say how its start script is read.
      execArgv: [],
      // Its words would be taken for a task's.
      stdout: true,
      stderr: true,
    });
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(new Error("the thread that talks to S3 has ended")));
    this.#worker.unref();
    port1.on("message", (message: ThreadAnswer) => this.#take(message));
    port1.unref();
  }

  /** Hears why requests are sent again. */
  onTrouble(listener: (reason: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Sends a request. Its errors are told by the call. */
  begin<O extends ThreadOperation>(
    operation: O,
    given: ThreadOperations[O]["given"],
    transfer: readonly ArrayBuffer[] = [],
  ): Call<ThreadOperations[O]["answer"]> {
    const id = ++this.#lastId;
    const call = new PendingCall();
    if (this.#gone !== undefined) call.fail(this.#gone);
    else {
      this.#calls.set(id, call);
      this.#port.postMessage({ id, operation, given }, transfer);
    }
    // The thread answers each operation with what the table of operations says.
    type Answer = ThreadOperations[O]["answer"];
    return { answer: () => this.#answered(call) as Promise<Answer>, wait: () => this.#waitFor(call) as Answer };
  }

  async #answered(call: PendingCall): Promise<unknown> {
    if (this.#awaited++ === 0) this.#port.ref();
    try {
      return await call.promise;
    } finally {
      if (--this.#awaited === 0) this.#port.unref();
    }
  }

  #waitFor(call: PendingCall): unknown {
    let beat = Atomics.load(this.#signal, HEARTBEAT);
    let lifelessMs = 0;
    while (call.outcome === undefined) {
      const seen = Atomics.load(this.#signal, ANSWERS);
      const received = receiveMessageOnPort(this.#port);
      if (received !== undefined) {
        this.#take(received.message as ThreadAnswer);
        continue;
      }
      if (Atomics.wait(this.#signal, ANSWERS, seen, LOOK_MS) !== "timed-out") continue;
      const now = Atomics.load(this.#signal, HEARTBEAT);
      lifelessMs = now === beat ? lifelessMs + LOOK_MS : 0;
      beat = now;
      if (lifelessMs >= LIFELESS_MS) this.#end(new Error("the thread that talks to S3 does not answer"));
    }
    return call.result();
  }

  #take(message: ThreadAnswer): void {
    if ("trouble" in message) {
      for (const listener of this.#listeners) listener(message.trouble);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if ("error" in message) call?.fail(errorOf(message.error));
    else call?.succeed(message.value);
  }

  #end(error: Error): void {
    this.#gone ??= error;
    for (const call of this.#calls.values()) call.fail(this.#gone);
    this.#calls.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

class PendingCall {
  outcome: Outcome | undefined;
  readonly promise: Promise<unknown>;
  #resolve: (value: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who waits in the other way, or not at all, is no unhandled rejection.
    this.promise.catch(() => {});
  }

  succeed(value: unknown): void {
    this.outcome = { value };
    this.#resolve(value);
  }

  fail(error: unknown): void {
    this.outcome = { error };
    this.#reject(error);
  }

  result(): unknown {
    if (this.outcome === undefined) throw new Error("there is no answer yet");
    if ("error" in this.outcome) throw this.outcome.error;
    return this.outcome.value;
  }
}

function errorOf({ code, parameters, message }: ThreadError): Error {
  // Both threads run the same code, so code and parameters belong together.
  return isErrorCode(code) ? new MillraceError(code, parameters) : new Error(message);
}
