import type { TaskProcessRequest } from "../core/messages.js";
import { TaskHost } from "./task-host.js";

process.setSourceMapsEnabled(true);

const host = new TaskHost();
host.install();

// A task process has no life without its scheduler.
process.on("disconnect", () => host.leave());
process.on("message", (request: TaskProcessRequest) => {
  void host.answer(request).then((answer) => process.send?.(answer));
});
