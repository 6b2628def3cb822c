// @ts-check
// The floor of a fan-out: the least that plain Node does for the same promise, a process apart from ours runs each task and each
// leaves a file. Warm forked processes, for each task one message there, one small file, one message back.
//
//   node fan-out.mjs TASKS PROCESSES FOLDER
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** About as long as the record of a task that set one number. */
const record = JSON.stringify({ step: "work", task: "12345", status: "done", padding: "x".repeat(400) });

const [tasks, processes, folder = ""] = process.argv.slice(2);

if (process.send === undefined) {
  mkdirSync(folder, { recursive: true });
  const count = Number(tasks);
  let next = 0;
  let done = 0;
  for (let i = 0; i < Number(processes); i++) {
    const child = fork(fileURLToPath(import.meta.url), ["", "", folder]);
    const give = () => (next < count ? child.send(next++) : child.disconnect());
    child.on("message", () => {
      done++;
      give();
    });
    give();
  }
  process.on("exit", () => {
    if (done !== count) process.exitCode = 1;
  });
} else {
  process.on("message", (/** @type {number} */ task) => {
    writeFileSync(join(folder, `${task}.json`), record);
    process.send?.(task);
  });
}
