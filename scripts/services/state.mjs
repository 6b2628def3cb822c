// @ts-check
// What is known of the services that this checkout has started: a folder below the temporary one, who needs them now, and one
// lock around each change.
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../build.mjs";
import { isAlive } from "./daemon.mjs";

const place = createHash("sha256").update(`${root} ${userInfo().uid}`).digest("hex").slice(0, 8);

/** Short, because sockets lie in it; one a checkout and user, so that two of them do not end each other's services. */
export const stateFolder = join(tmpdir(), `millrace-services-${place}`);

const users = join(stateFolder, "users");
const lockFile = join(stateFolder, "lock");

/**
 * Runs a change while no other process makes one.
 * @template T
 * @param {() => Promise<T>} change
 * @returns {Promise<T>}
 */
export async function alone(change) {
  await mkdir(users, { recursive: true, mode: 0o711 });
  while (!(await lock())) await sleep(50);
  try {
    return await change();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** Whether the lock is ours now. One whose process is gone is taken away, to be had at the next try. */
async function lock() {
  const ours = `${lockFile}.${process.pid}`;
  await writeFile(ours, String(process.pid));
  try {
    await link(ours, lockFile);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const holder = await readFile(lockFile, "utf8").catch(() => "");
    if (holder !== "" && !isAlive(Number(holder))) await rm(lockFile, { force: true });
    return false;
  } finally {
    await rm(ours, { force: true });
  }
}

/**
 * Notes that a process needs the services.
 * @param {number | "kept"} user its id, or `kept`: until they are stopped by hand
 */
export async function addUser(user) {
  await writeFile(join(users, String(user)), "");
}

/** @param {number | "kept"} user */
export async function removeUser(user) {
  await rm(join(users, String(user)), { force: true });
}

/** Whether someone needs the services still. */
export async function isUsed() {
  const names = await readdir(users);
  return names.some((name) => name === "kept" || isAlive(Number(name)));
}

/** Forgets all who needed the services. */
export async function removeUsers() {
  await rm(users, { recursive: true, force: true });
}
