import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../rig/condition.js";
import { killHard } from "../rig/processes.js";
import { bundleScript, sourceFile } from "../store/bundled-script.js";

let folder: string;
let scheduler: ChildProcess;
let sleepers: readonly number[];

/** A process with a reaper that watches over the first of two sleepers, each of a group of its own; a third was taken off. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-reaper-"));
  mkdirSync(join(folder, "spool"));
  writeFileSync(join(folder, "spool", "0.out"), "");
  const script = bundleScript(
    folder,
    "scheduler",
    `import { spawn } from "node:child_process";
     import { Reaper } from ${JSON.stringify(sourceFile("compute/local/reaper.ts"))};
     const reaper = new Reaper(${JSON.stringify(join(folder, "spool"))});
     const sleep = (): number => spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" }).pid ?? 0;
     const pids = [sleep(), sleep(), sleep()];
     for (const pid of [pids[0], pids[2]]) reaper.add(pid);
     reaper.remove(pids[2]);
     process.on("message", (word) => {
       if (word === "close") reaper.close();
     });
     process.send(pids);`,
  );
  scheduler = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  [sleepers = []] = (await once(scheduler, "message")) as [readonly number[]];
});

afterEach(async () => {
  for (const pid of sleepers) killHard(pid);
  if (scheduler.exitCode === null && scheduler.signalCode === null) {
    scheduler.kill("SIGKILL");
    await once(scheduler, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return true;
  } catch {
    return false;
  }
}

test("when its scheduler is killed, it ends what it watches over, and nothing else, and removes the folder", async () => {
  scheduler.kill("SIGKILL");
  await until("the first sleeper is gone", () => !isAlive(sleepers[0]));
  await until("the folder is gone", () => !existsSync(join(folder, "spool")));
  expect(sleepers.slice(1).map(isAlive)).toEqual([true, true]);
});

test("while its scheduler lives, it does nothing", () => {
  expect(sleepers.map(isAlive)).toEqual([true, true, true]);
  expect(existsSync(join(folder, "spool"))).toBe(true);
});

test("closed, it does the same, and ends", async () => {
  scheduler.send("close");
  await until("the first sleeper is gone", () => !isAlive(sleepers[0]));
  await until("the folder is gone", () => !existsSync(join(folder, "spool")));
  expect(sleepers.slice(1).map(isAlive)).toEqual([true, true]);
});
