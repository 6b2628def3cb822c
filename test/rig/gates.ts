import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { inTime } from "./condition.js";

interface Visitor {
  readonly name: string;
  readonly pid: number;
  readonly socket: Socket;
}

/**
 * Lets a test decide when steps go on. A step that calls `await gate("name")` (see `STEP_SIDE` in step-side.ts) reports here
 * and waits for the word; the test awaits `reached("name")` and calls `open("name")`. So order is decided, never timed.
 */
export class Gates implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiting: Visitor[] = [];
  readonly #visits: { readonly name: string; readonly pid: number }[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #answers = new Map<string, string>();
  #all: string | undefined;
  #most = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(): Promise<Gates> {
    const server = createServer();
    const gates = new Gates(server);
    server.on("connection", (socket) => gates.#welcome(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return gates;
  }

  /** What the step side connects to. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Names of the gates where a step waits now, in order of arrival. */
  get waiting(): readonly string[] {
    return this.#waiting.map((visitor) => visitor.name);
  }

  /** The most steps that ever waited at once. */
  get most(): number {
    return this.#most;
  }

  /** Every visit so far, in order of arrival. */
  get visits(): readonly { readonly name: string; readonly pid: number }[] {
    return this.#visits;
  }

  /** Resolves with the step's process id when a step waits (or has waited) at the gate. */
  async reached(name: string): Promise<number> {
    await this.when(`gate ${name} is reached`, () => this.#visits.some((visit) => visit.name === name));
    return this.#visits.findLast((visit) => visit.name === name)?.pid ?? 0;
  }

  /** Resolves when the condition, looked at after every arrival and departure, holds. */
  async when(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return;
    let watcher: (() => void) | undefined;
    const met = new Promise<void>((resolve) => {
      watcher = () => condition() && resolve();
      this.#watchers.add(watcher);
    });
    try {
      await inTime(what, met, () => `visits: ${JSON.stringify(this.#visits)}`);
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  /** Lets through who waits at the gate, and who comes later; `gate()` returns the word there. */
  open(name: string, word = "go"): void {
    this.#answers.set(name, word);
    this.#letThrough();
  }

  /** Opens every gate, for now and later. */
  openAll(word = "go"): void {
    this.#all = word;
    this.#letThrough();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const visitor of this.#waiting) visitor.socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #welcome(socket: Socket): void {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (!text.endsWith("\n")) return;
      const [name = "", pid = ""] = text.trim().split("\t");
      this.#visits.push({ name, pid: Number(pid) });
      this.#waiting.push({ name, pid: Number(pid), socket });
      this.#most = Math.max(this.#most, this.#waiting.length);
      this.#letThrough();
    });
    socket.on("close", () => {
      const place = this.#waiting.findIndex((visitor) => visitor.socket === socket);
      if (place >= 0) this.#waiting.splice(place, 1);
      this.#notify();
    });
  }

  #letThrough(): void {
    for (const visitor of [...this.#waiting]) {
      const word = this.#answers.get(visitor.name) ?? this.#all;
      if (word === undefined) continue;
      this.#waiting.splice(this.#waiting.indexOf(visitor), 1);
      visitor.socket.end(`${word}\n`);
    }
    this.#notify();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
