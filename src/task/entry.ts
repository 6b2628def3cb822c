import type { TaskProcessAdvice, TaskProcessAnswer, TaskProcessRequest } from "../core/messages.js";
import { TaskHost } from "./task-host.js";

process.setSourceMapsEnabled(true);
// Deep in a library, Node's ten frames may not reach back to the user's code.
Error.stackTraceLimit = 50;

// Messages to the scheduler are millrace's own; a flow that thinks it has a parent of its own is left in that belief.
const send = process.send?.bind(process);
if (send !== undefined) process.send = () => true;

const host = new TaskHost((values) => send?.({ type: "secrets", values } satisfies TaskProcessAnswer));
host.install();

// A task process has no life without its scheduler.
process.on("disconnect", () => host.leave());

process.on("message", (message: TaskProcessRequest | TaskProcessAdvice) => {
  if (message.type === "no-next-tasks") {
    host.leaveNext();
    send?.({ type: "next-tasks-left" } satisfies TaskProcessAnswer);
    return;
  }
  void serve(host.receive(message));
});

async function serve(first: TaskProcessRequest | undefined): Promise<void> {
  for (let request = first; request !== undefined; request = host.takeNext()) send?.(await host.answer(request));
}
