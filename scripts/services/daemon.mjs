// @ts-check
// Programs that go on in the background, by the name of their files: `NAME.pid` and `NAME.log`.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts a program unless it is at work.
 * @param {string} file the path of its files without their suffix
 * @param {readonly [string, ...string[]]} command
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 */
export async function ensureDaemon(file, [program, ...args], env = {}) {
  if (await daemonId(file)) return;
  const log = openSync(`${file}.log`, "w");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], env: { ...process.env, ...env } });
  closeSync(log);
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  child.unref();
  await writeFile(`${file}.pid`, `${child.pid} ${startTime(child.pid ?? 0)}`);
}

/**
 * Ends a program and waits until it is gone.
 * @param {string} file as it was started with
 * @param {NodeJS.Signals} [signal]
 */
export async function endDaemon(file, signal = "SIGTERM") {
  for (const deadline = Date.now() + 5_000; ; await sleep(20)) {
    const pid = await daemonId(file);
    if (pid === undefined) break;
    try {
      process.kill(pid, Date.now() > deadline ? "SIGKILL" : signal);
    } catch {}
  }
  await rm(`${file}.pid`, { force: true });
}

/**
 * The id of the program's process; undefined when it is not at work (its id may meanwhile be another process's).
 * @param {string} file
 */
async function daemonId(file) {
  const [pid, time] = (await readFile(`${file}.pid`, "utf8").catch(() => "")).split(" ");
  return pid && isAlive(Number(pid)) && startTime(Number(pid)) === time ? Number(pid) : undefined;
}

/** @param {number} pid */
function startTime(pid) {
  try {
    // The name in brackets may hold spaces; the start time is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Waits until a program answers.
 * @param {string} what what is waited for
 * @param {() => Promise<boolean>} answers
 * @param {readonly string[]} files of the programs, whose logs tell why it does not
 */
export async function untilAnswers(what, answers, files) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) {
    if (await answers()) return;
  }
  const logs = await Promise.all(files.map(async (file) => (await readFile(`${file}.log`, "utf8").catch(() => "")).trim().split("\n").slice(-5)));
  throw new Error([`${what} does not answer`, ...logs.flat()].join("\n"));
}

/** @returns {Promise<number>} a port of this machine that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * A program's place on PATH; undefined when it is not there.
 * @param {string} name
 */
export function programPath(name) {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => isFile(file));
}

/** @param {string} file */
function isFile(file) {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
