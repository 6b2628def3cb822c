import type { TaskProcessAdvice, TaskProcessRequest } from "../core/messages.js";
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

process.on("message", (message: TaskProcessRequest | TaskProcessAdvice) => {
  if (message.type === "no-next-task") host.forgetNext();
  else if (message.type !== "next-task") void serve(message);
  else if (!host.keepNext(message)) void serve(message);
});

async function serve(first: TaskProcessRequest | NextTask): Promise<void> {
  for (let request: TaskProcessRequest | NextTask | undefined = first; request !== undefined; request = host.takeNext()) {
    send?.(await host.answer(request));
  }
}
