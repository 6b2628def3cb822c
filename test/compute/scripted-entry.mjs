// @ts-check
// Stands in for the task process: what it does with a task is what the task's step is called.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

process.on("disconnect", () => process.exit(0));

if (process.env["SCRIPT_AT_LOAD"] === "exit") {
  console.log("this is printed as it loads");
  process.exit(7);
}

let loads = 0;
let ran = 0;
/** @type {any[]} */
let next = [];
let isAtWork = false;
let leaves = false;

process.on("message", (/** @type {any} */ request) => {
  switch (request.type) {
    case "load":
      loads++;
      if (existsSync("refuse-load")) return answer({ type: "refused", errors: [], failure: failure("it does not load any more") });
      if (existsSync("exit-at-load")) process.exit(9);
      return answer({ type: "loaded" });
    case "open-run":
      return answer(existsSync("refuse-run") ? { type: "refused", errors: [] } : { type: "opened" });
    case "retry-if":
      return answer({ type: "retry-if", retry: request.failure.message === "worth it" });
    case "run-task":
      ran++;
      return void runTask(request);
    case "next-tasks":
      for (const { task } of request.specs) writeFileSync(`given-${task}`, "");
      if (leaves) return;
      next.push(...request.specs);
      if (!isAtWork) void runTask({ spec: next.shift() });
      return;
    case "no-next-tasks":
      next = [];
      return answer({ type: "next-tasks-left" });
  }
});

/** @type {Record<string, (spec: any) => unknown>} */
const behaviours = {
  ok: (spec) => done(spec),
  /** Prints, by the process itself. */
  print: (spec) => {
    process.stdout.write(`out of ${spec.task}\n`);
    process.stderr.write(`err of ${spec.task}\n`);
    done(spec, true);
  },
  /** Prints as native code and child processes do: straight to the file descriptors. */
  native: (spec) => {
    writeSync(1, "by the descriptor\n");
    spawnSync(process.execPath, ["-e", "console.log('by a child'); console.error('and its errors')"], { stdio: ["ignore", "inherit", "inherit"] });
    done(spec, true);
  },
  flood: (spec) => {
    const line = `${"x".repeat(1023)}\n`;
    for (let count = 0; count < 12 * 1024; count++) writeSync(1, line);
    writeSync(1, "the last line\n");
    done(spec, true);
  },
  "print-and-wait": async (spec) => {
    writeSync(1, "printed early\n");
    await until(`go-${spec.task}`);
    done(spec, true);
  },
  split: async (spec) => {
    // The two halves of a character, one after the other.
    const bytes = Buffer.from("ü\n");
    writeSync(1, bytes.subarray(0, 1));
    await until(`go-${spec.task}`);
    writeSync(1, bytes.subarray(1));
    done(spec, true);
  },
  wait: async (spec) => {
    writeFileSync(`at-${spec.task}`, String(process.pid));
    await until(`go-${spec.task}`);
    done(spec);
  },
  /** Brief, unless a file asks it to wait. */
  "brief-or-long": async (spec) => {
    writeFileSync(`at-${spec.task}`, String(process.pid));
    if (existsSync(`long-${spec.task}`)) await until(`go-${spec.task}`);
    ended(
      { status: "done", transition: { kind: "next", targets: [`${spec.task} in ${process.pid}`] }, startedAt: 1, finishedAt: 2, record: "{}" },
      false,
    );
  },
  fail: (spec) =>
    ended({ status: "failed", failure: failure(`${spec.task} failed`), startedAt: 1, finishedAt: 2, noRetry: false }, false, "the attempt failed"),
  retire: (spec) => done(spec, false, "a step left a Timeout open"),
  refuse: () => answer({ type: "refused", errors: [], failure: failure("the attempt cannot be begun") }),
  exit: () => {
    writeSync(1, "last words\n");
    process.exit(3);
  },
  kill: () => process.kill(process.pid, "SIGKILL"),
  "out-of-memory": () => {
    writeSync(2, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n");
    process.abort();
  },
  hang: (spec) => writeFileSync(`at-${spec.task}`, String(process.pid)),
  spin: (spec) => {
    writeFileSync(`at-${spec.task}`, String(process.pid));
    for (;;);
  },
  polite: (spec) => {
    process.once("SIGTERM", () => {
      writeSync(1, "cleaning up\n");
      done(spec, true);
    });
    writeFileSync(`at-${spec.task}`, String(process.pid));
  },
  deaf: (spec) => {
    process.on("SIGTERM", () => {});
    writeFileSync(`at-${spec.task}`, String(process.pid));
  },
  /** Leaves a child behind that outlives it unless the whole group is ended. */
  offspring: (spec) => {
    spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    writeFileSync(`at-${spec.task}`, String(process.pid));
  },
  /** As offspring, and the child has left the group and holds all it was given. */
  runaway: (spec) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached: true });
    writeFileSync(`at-${spec.task}`, String(child.pid));
    process.exit(4);
  },
  /** Says what is no answer first. */
  chatter: (spec) => {
    answer("ready");
    answer({ type: "something else" });
    answer(null);
    done(spec);
  },
  count: () =>
    ended(
      { status: "done", transition: { kind: "next", targets: [`${process.pid}-${loads}-${ran}`] }, startedAt: 1, finishedAt: 2, record: "{}" },
      false,
    ),
  heap: async () => {
    const { heap_size_limit: limit } = (await import("node:v8")).getHeapStatistics();
    ended(
      { status: "done", transition: { kind: "next", targets: [String(Math.round(limit / 1024 / 1024))] }, startedAt: 1, finishedAt: 2, record: "{}" },
      false,
    );
  },
};

/** @param {any} request */
async function runTask({ spec }) {
  isAtWork = true;
  leaves = false;
  await behaviours[spec.step]?.(spec);
}

/**
 * @param {any} spec
 * @param {boolean} [printed]
 * @param {string} [retire]
 */
function done(spec, printed = false, retire) {
  ended({ status: "done", transition: { kind: "next", targets: [spec.task] }, startedAt: 1, finishedAt: 2, record: "{}" }, printed, retire);
}

/**
 * @param {unknown} outcome
 * @param {boolean} printed
 * @param {string} [retire]
 */
function ended(outcome, printed, retire) {
  isAtWork = false;
  leaves ||= printed || retire !== undefined || existsSync("leave-next");
  if (leaves) next = [];
  const following = next.shift();
  const told = leaves ? { next: "left" } : following === undefined ? {} : { next: "begins" };
  answer({ type: "task-ended", outcome, printed, ...(retire !== undefined && { retire }), ...told });
  if (following !== undefined) void runTask({ spec: following });
}

/** @param {unknown} message */
function answer(message) {
  process.send?.(message);
}

/** @param {string} message */
function failure(message) {
  return { code: "exception", name: "Error", message, frames: [] };
}

/** @param {string} file */
async function until(file) {
  while (!existsSync(file)) await sleep(5);
}
