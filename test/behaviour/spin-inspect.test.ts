import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { inTime } from "../rig/condition.js";
import type { RunningCommand } from "../rig/command.js";
import { flowText, lineOf } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { Results } from "../rig/results.js";

const source = flowText({
  imports: "timeout, type Inputs",
  fields: "n!: number; sum!: number;",
  steps: `
  @step start() { this.next(this.body, { foreach: [1, 2] }); }
  @step @timeout("1s")
  async body(item: number) {
    // Comments and types are gone in what Node runs.
    const doubled: number = item * 2;
    this.n = doubled;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.n, 0); this.next(this.end); }
  @step end() {}`,
});

interface Pause {
  readonly callFrames: readonly [
    { readonly callFrameId: string; readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number } },
  ];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: object;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** A debugger, as an editor is one: over the protocol's own socket. */
class Debugger implements Disposable {
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];
  readonly #watchers = new Set<() => void>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      this.#messages.push(JSON.parse(data.toString("utf8")) as Message);
      for (const watcher of this.#watchers) watcher();
    });
  }

  static async attach(command: RunningCommand): Promise<Debugger> {
    await command.printed("Debugger listening on");
    const socket = new WebSocket(/ws:\/\/\S+/.exec(command.output)?.[0] ?? "");
    await inTime("the debugger is attached", once(socket, "open"));
    return new Debugger(socket);
  }

  async send(method: string, params: object = {}): Promise<Message> {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return this.#first((message) => message.id === id);
  }

  /** The place where it stops, in the user's source: file and line. */
  async paused(): Promise<{ readonly file: string; readonly line: number; readonly frame: string }> {
    const { params } = await this.#first(({ method }) => method === "Debugger.paused");
    const { callFrameId, location } = (params as Pause).callFrames[0];
    const script = await this.#first(
      ({ method, params: parsed }) => method === "Debugger.scriptParsed" && (parsed as { scriptId: string }).scriptId === location.scriptId,
    );
    const { url, sourceMapURL } = script.params as { readonly url: string; readonly sourceMapURL: string };
    const map = new SourceMap(
      JSON.parse(readFileSync(fileURLToPath(new URL(sourceMapURL, url)), "utf8")) as ConstructorParameters<typeof SourceMap>[0],
    );
    const found = map.findEntry(location.lineNumber, location.columnNumber);
    if (!("originalSource" in found)) throw new Error("no source");
    expect(url).not.toContain("node_modules");
    return { file: fileURLToPath(found.originalSource), line: found.originalLine + 1, frame: callFrameId };
  }

  async #first(is: (message: Message) => boolean): Promise<Message> {
    let watcher: (() => void) | undefined;
    const found = new Promise<Message>((resolve) => {
      watcher = () => {
        const message = this.#messages.find(is);
        if (message !== undefined) resolve(message);
      };
      watcher();
      this.#watchers.add(watcher);
    });
    try {
      return await inTime("the debugger hears it", found, () => JSON.stringify(this.#messages.map(({ method, id }) => method ?? id)));
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}

test("spin --inspect stops in the step's first line, in TypeScript, and what the debugger changes counts", async () => {
  await using project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(0, ["run", "flow.ts"]);
  const spin = project.start(["spin", "flow.ts", "body/1", "--inspect-port", "0"]);
  {
    using client = await Debugger.attach(spin);
    expect(spin.output).toContain("body waits for a debugger");
    await client.send("Debugger.enable");
    await client.send("Runtime.runIfWaitingForDebugger");
    const { file, line, frame } = await client.paused();
    expect(file).toBe(project.path("flow.ts"));
    expect(line).toBe(lineOf(source, "const doubled"));
    expect((await client.send("Debugger.evaluateOnCallFrame", { callFrameId: frame, expression: "item" })).result?.result?.value).toBe(2);
    await client.send("Debugger.evaluateOnCallFrame", { callFrameId: frame, expression: "item = 21" });
    await client.send("Debugger.resume");
    const result = await spin.result;
    expect(result.all).toContain("✓ Demo/1-spin-1 done");
    expect(result.code).toBe(0);
  }
  expect(await new Results(project).artifact("Demo/1-spin-1/body/1", "n")).toBe(42);
});

test("the port is taken: another one is told; Ctrl-C ends what waits for a debugger", async () => {
  await using project = await Project.create({ "flow.ts": source });
  await project.expectMillrace(0, ["run", "flow.ts"]);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const spin = project.start(["spin", "flow.ts", "body/1", "--inspect-port", String(port)]);
  await spin.printed("Debugger listening on");
  expect(/ws:\/\/127\.0\.0\.1:(\d+)/.exec(spin.output)?.[1]).not.toBe(String(port));
  spin.signal("SIGINT");
  spin.signal("SIGINT");
  expect((await spin.result).code).toBe(130);
  server.close();
});
