import type { TaskProcessAdvice, TaskProcessAnswer, TaskProcessRequest } from "../core/messages.js";
import { TaskHost, type NextTask } from "./task-host.js";

process.setSourceMapsEnabled(true);
// Deep in a library, Node's ten frames may not reach back to the user's code.
Error.stackTraceLimit = 50;

const host = new TaskHost();
host.install();

// A task process has no life without its scheduler.
process.on("disconnect", () => host.leave());
// Messages to the scheduler are millrace's own; a flow that thinks it has a parent of its own is left in that belief.
const send = process.send?.bind(process);
if (send !== undefined) process.send = () => true;

/** Ends when all requests so far are answered: one at a time. */
let served: Promise<void> = Promise.resolve();

process.on("message", (message: TaskProcessRequest | TaskProcessAdvice) => {
  if (message.type === "no-next-task") {
    if (host.forgetNext(message.id)) send?.({ type: "next-task-left" } satisfies TaskProcessAnswer);
  } else if (message.type !== "next-task" || !host.keepNext(message)) serve(message);
});

function serve(first: TaskProcessRequest | NextTask): void {
  served = served.then(() => answerFrom(first));
}

async function answerFrom(first: TaskProcessRequest | NextTask): Promise<void> {
  for (let request: TaskProcessRequest | NextTask | undefined = first; request !== undefined; request = host.takeNext()) {
    send?.(await host.answer(request));
  }
}
