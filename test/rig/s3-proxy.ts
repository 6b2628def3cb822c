import { Agent, createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "./random.js";

/** What may go wrong with a request on its way. */
export type Fault =
  /** The answer comes late. */
  | "delay"
  /** S3 says it failed, and did nothing. */
  | "500"
  /** S3 asks to slow down, and did nothing. */
  | "503"
  /** The connection breaks before the request has arrived. */
  | "reset"
  /** The request is carried out; the answer is lost. */
  | "lost-answer"
  /** The connection breaks, and the request is carried out some time after that. */
  | "late"
  /** The answer's body ends in the middle. */
  | "cut-body";

export const faults: readonly Fault[] = ["delay", "500", "503", "reset", "lost-answer", "late", "cut-body"];

/** How long after its connection broke a late request arrives, in milliseconds. */
const LATE_MS = 600;

/** How S3 is away: connections break, or nothing is answered on them. */
export type Away = "broken" | "silent";

/** How much older things get. */
const AGE_MS = 5 * 60 * 60 * 1000;

/** What a service does that is not AWS's own. */
export type Peculiarity =
  /** It takes no notice of `If-None-Match`. */
  | "unconditional"
  /** It refuses the request. */
  | { readonly status: number; readonly code: string }
  /** It answers this, and does nothing. */
  | { readonly xml: string };

const EXPIRED = { status: 400, code: "ExpiredToken" };

/** A request that came, and what was done to it. */
export interface SeenRequest {
  readonly method: string;
  /** The key, with the bucket before it and what the request asks behind it. */
  readonly path: string;
  /** Of the request and the answer together. */
  readonly bytes: number;
  readonly fault: Fault | Peculiarity | undefined;
  /** The access key that it was signed with. */
  readonly accessKey: string;
}

/** Chooses what happens to each request. */
export type FaultPlan = (request: IncomingMessage) => Fault | Peculiarity | undefined;

/** Each request fails with that probability, in one of these ways. */
export function randomFaults(random: Random, share: number, kinds: readonly Fault[] = faults): FaultPlan {
  return () => (random.next() < share ? kinds[random.below(kinds.length)] : undefined);
}

/** Between S3 and its users: counts what goes by, and lets some of it go wrong. */
export class S3Proxy implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #upstream: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #seen: SeenRequest[] = [];
  #plan: FaultPlan;
  #away: Away | undefined;
  /** Requests that wait until S3 is back. */
  readonly #held = new Set<() => void>();
  readonly #late = new Set<Promise<unknown>>();
  /** What was stored in these folders before that moment looks older; in milliseconds since the epoch. */
  #aged: { readonly folders: readonly string[]; readonly before: number } = { folders: [], before: 0 };
  /** Access keys whose time is over. */
  readonly expired = new Set<string>();

  private constructor(upstream: string, plan: FaultPlan) {
    this.#upstream = new URL(upstream);
    this.#plan = plan;
  }

  static async start(upstream: string, plan: FaultPlan = () => undefined): Promise<S3Proxy> {
    const proxy = new S3Proxy(upstream, plan);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get seen(): readonly SeenRequest[] {
    return this.#seen;
  }

  forget(): void {
    this.#seen.length = 0;
  }

  set plan(plan: FaultPlan) {
    this.#plan = plan;
  }

  /** Nothing gets through until {@link comeBack}. */
  goAway(how: Away = "broken"): void {
    this.#away = how;
    if (how === "broken") this.#server.closeAllConnections();
  }

  comeBack(): void {
    this.#away = undefined;
    for (const letGo of this.#held) letGo();
  }

  /** Lets everything that is in folders of these names by now look as if it had been there for hours. S3 counts in whole seconds. */
  async age(folders: readonly string[]): Promise<void> {
    await Promise.all(this.#late);
    const before = Math.ceil((Date.now() + 1) / 1000) * 1000;
    this.#aged = { folders, before };
    while (Date.now() < before) await new Promise((resolve) => setTimeout(resolve, before - Date.now()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // The whole of it first: what breaks off on its way is not carried out.
      const body = Buffer.concat(await request.toArray());
      if (this.#away === "silent") await this.#hold(request);
      if (request.socket.destroyed) return;
      const [, accessKey = ""] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
      const fault = this.#away !== undefined ? "reset" : this.expired.has(accessKey) ? EXPIRED : this.#plan(request);
      const answered = await this.#answer(request, body, response, fault);
      this.#seen.push({ method: request.method ?? "", path: request.url ?? "", bytes: body.length + answered, fault, accessKey });
    } catch {
      request.socket.destroy();
    }
  }

  /** A silent network delivers, when it is back, what is still wanted then. */
  #hold({ socket }: IncomingMessage): Promise<void> {
    return new Promise((resolve) => {
      const letGo = (): void => {
        this.#held.delete(letGo);
        resolve();
      };
      this.#held.add(letGo);
      socket.once("close", letGo);
    });
  }

  /** Answers; tells how many bytes the answer had. */
  async #answer(request: IncomingMessage, body: Buffer, response: ServerResponse, fault: SeenRequest["fault"]): Promise<number> {
    if (fault === "reset") {
      request.socket.destroy();
      return 0;
    }
    if (fault === "late") {
      request.socket.destroy();
      const late = new Promise((resolve) => setTimeout(resolve, Math.random() * LATE_MS)).then(() => this.#forward(request, body)).catch(() => {});
      this.#late.add(late);
      void late.finally(() => this.#late.delete(late));
      return 0;
    }
    if (fault === "500") return refuse(response, 500, "InternalError");
    if (fault === "503") return refuse(response, 503, "SlowDown");
    if (typeof fault === "object") return "xml" in fault ? answerXml(response, 200, fault.xml) : refuse(response, fault.status, fault.code);
    if (fault === "unconditional") delete request.headers["if-none-match"];
    const answer = await this.#forward(request, body);
    if (fault === "delay") await new Promise((resolve) => setTimeout(resolve, 150));
    if (fault === "lost-answer") {
      request.socket.destroy();
      return 0;
    }
    response.writeHead(answer.status, answer.headers);
    if (fault === "cut-body" && answer.body.length > 0) {
      response.write(answer.body.subarray(0, answer.body.length / 2), () => request.socket.destroy());
      return answer.body.length / 2;
    }
    response.end(answer.body);
    return answer.body.length;
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const { hostname, port } = this.#upstream;
    return new Promise((resolve, reject) => {
      // The server need not ask whether it wants the body: it is here.
      const { expect: _asked, ...rest } = headers;
      const sent = httpRequest({ hostname, port, method, path: url, headers: rest, agent: this.#agent }, (answer) => {
        answer
          .toArray()
          .then(
            (chunks) =>
              resolve(this.#withAges(url ?? "", { status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) })),
            reject,
          );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** An answer with the times that things are to have. */
  #withAges(path: string, answer: Answer): Answer {
    const { folders, before } = this.#aged;
    const shifted = (key: string, time: string): Date => {
      const isOld = Date.parse(time) < before && folders.some((folder) => key.includes(`/${folder}/`));
      return new Date(Date.parse(time) - (isOld ? AGE_MS : 0));
    };
    const { headers, body } = answer;
    const modified = headers["last-modified"];
    if (typeof modified === "string") return { ...answer, headers: { ...headers, "last-modified": shifted(path, modified).toUTCString() } };
    if (!body.subarray(0, 500).includes("ListBucketResult")) return answer;
    // Times stay as long as they are, and so does the whole.
    const text = body
      .toString("latin1")
      .replace(
        /(<Key>([^<]*)<.*?<LastModified>)([^<]+)/gs,
        (_, start: string, key: string, time: string) => start + shifted(key, time).toISOString(),
      );
    return { ...answer, body: Buffer.from(text, "latin1") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#late);
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

function refuse(response: ServerResponse, status: number, code: string): number {
  return answerXml(response, status, `<Error><Code>${code}</Code><Message>on purpose</Message></Error>`);
}

function answerXml(response: ServerResponse, status: number, xml: string): number {
  const body = `<?xml version="1.0" encoding="UTF-8"?>${xml}`;
  response.writeHead(status, { "content-type": "application/xml", "content-length": body.length }).end(body);
  return body.length;
}
