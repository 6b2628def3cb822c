import type * as Inspector from "node:inspector";
import type { InspectSpec } from "../core/task-spec.js";

/** Where the method stands for a moment, so that the debugger's protocol can name it. */
const HANDLE = "__millraceStep";

/**
 * Opens the process to a debugger, waits until one has come, and stops in the method's first line when it is called.
 * Node prints where the debugger finds it.
 */
export async function stopUnderDebugger({ host, port }: InspectSpec, method: object): Promise<Disposable> {
  // Loaded when asked for: there are builds of Node without it.
  const inspector = await import("node:inspector");
  listen(inspector, host, port);
  inspector.waitForDebugger();
  const session = new inspector.Session();
  session.connect();
  try {
    await setBreakpoint(session, method);
  } catch (error) {
    session.disconnect();
    throw error;
  }
  return {
    [Symbol.dispose]() {
      session.disconnect();
      inspector.close();
    },
  };
}

/** On the port; when somebody has it already, on a free one. */
function listen(inspector: typeof Inspector, host: string, port: number): void {
  try {
    inspector.open(port, host);
  } catch {
    // Some versions of Node throw, the others leave the address undefined.
  }
  if (inspector.url() === undefined) inspector.open(0, host);
}

/** A breakpoint belongs to its session but stops whoever debugs the process. */
async function setBreakpoint(session: Inspector.Session, method: object): Promise<void> {
  await post(session, "Debugger.enable", {});
  Reflect.set(globalThis, HANDLE, method);
  try {
    const found = await post(session, "Runtime.evaluate", { expression: HANDLE });
    await post(session, "Debugger.setBreakpointOnFunctionCall", { objectId: objectIdIn(found) });
  } finally {
    Reflect.deleteProperty(globalThis, HANDLE);
  }
}

function post(session: Inspector.Session, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

function objectIdIn(found: unknown): unknown {
  if (typeof found !== "object" || found === null || !("result" in found)) return undefined;
  const { result } = found;
  return typeof result === "object" && result !== null && "objectId" in result ? result.objectId : undefined;
}
