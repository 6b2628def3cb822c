// @ts-check
// A Slurm of one node: the one of this machine where it answers, or else munge, slurmctld and slurmd of Debian's packages.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, hostname, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureDaemon, endDaemon, freePort, programPath, untilAnswers } from "./daemon.mjs";
import { stateFolder } from "./state.mjs";

/**
 * @typedef {object} SlurmValues
 * @property {string} partition
 * @property {Readonly<Record<string, string>>} env what a process needs in its environment to use it
 */

const exec = promisify(execFile);
const folder = join(stateFolder, "slurm");
const settingsFile = join(folder, "slurm.conf");
const daemons = { munge: join(folder, "munged"), controller: join(folder, "slurmctld"), node: join(folder, "slurmd") };

/** Why this machine cannot have it; undefined when it can. */
export async function slurmObstacle() {
  if ((await answeringPartition({})) !== undefined) return undefined;
  if (process.platform !== "linux") return "Slurm needs Linux";
  if (process.getuid?.() !== 0) return "Slurm needs root";
  const missing = ["munged", "slurmctld", "slurmd", "sbatch"].filter((program) => programPath(program) === undefined);
  return missing.length > 0 ? `${missing.join(", ")} not installed` : undefined;
}

/**
 * Starts what is not at work.
 * @returns {Promise<SlurmValues>}
 */
export async function startSlurm() {
  const there = await answeringPartition({});
  if (there !== undefined) return { partition: there, env: {} };
  const env = { SLURM_CONF: settingsFile };
  if ((await answeringPartition(env)) === undefined) {
    await stopSlurm();
    await startOwn(env);
  }
  return { partition: "main", env };
}

/** Ends what was started. */
export async function stopSlurm() {
  await endDaemon(daemons.node);
  await endDaemon(daemons.controller);
  await endDaemon(daemons.munge);
}

/**
 * The default partition of the Slurm that answers with a node at work.
 * @param {NodeJS.ProcessEnv} env
 */
async function answeringPartition(env) {
  if (programPath("sinfo") === undefined || (env["SLURM_CONF"] !== undefined && !existsSync(env["SLURM_CONF"]))) return undefined;
  try {
    const { stdout } = await exec("sinfo", ["--noheader", "--format=%P %t"], { env: { ...process.env, ...env }, timeout: 3_000 });
    return /^(\S+)\* (?:idle|mix|alloc)$/m.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** @param {Readonly<Record<string, string>>} env */
async function startOwn(env) {
  for (const name of ["controller", "spool"]) await mkdir(join(folder, name), { recursive: true });
  const key = join(folder, "munge.key");
  if (!existsSync(key)) await writeFile(key, randomBytes(128), { mode: 0o600 });
  await chmod(folder, 0o711);
  const socket = join(folder, "munge.sock");
  await writeFile(settingsFile, await settings(socket));
  const files = {
    socket,
    "key-file": key,
    "pid-file": join(folder, "munge.id"),
    "log-file": join(folder, "munge.log"),
    "seed-file": join(folder, "munge.seed"),
  };
  const options = Object.entries(files).map(([name, file]) => `--${name}=${file}`);
  // Force: it warns of root's files in a temporary folder.
  await ensureDaemon(daemons.munge, ["/usr/sbin/munged", "--foreground", "--force", ...options]);
  await untilAnswers("munged", async () => existsSync(socket), [daemons.munge]);
  await ensureDaemon(daemons.controller, ["/usr/sbin/slurmctld", "-D", "-c", "-f", settingsFile]);
  await ensureDaemon(daemons.node, ["/usr/sbin/slurmd", "-D", "-f", settingsFile]);
  await untilAnswers("Slurm", async () => (await answeringPartition(env)) !== undefined, Object.values(daemons));
}

/** @param {string} socket */
async function settings(socket) {
  const host = hostname().split(".")[0];
  const path = (/** @type {string} */ name) => join(folder, name);
  return `ClusterName=millrace
SlurmctldHost=${host}
SlurmctldPort=${await freePort()}
SlurmdPort=${await freePort()}
AuthType=auth/munge
AuthInfo=socket=${socket}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
SlurmUser=root
SlurmctldPidFile=${path("slurmctld.id")}
SlurmdPidFile=${path("slurmd.id")}
StateSaveLocation=${path("controller")}
SlurmdSpoolDir=${path("spool")}
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=300
NodeName=${host} CPUs=${availableParallelism()} RealMemory=${Math.floor((totalmem() / 2 ** 20) * 0.9)} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
`;
}
