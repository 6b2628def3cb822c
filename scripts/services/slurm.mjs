// @ts-check
// Two Slurms. One to work on: the one of this machine where it answers, or else munge, slurmctld and slurmd of Debian's packages. The
// other for what goes wrong on clusters, always our own: nodes that fail, partitions that make room for others, limits, GPUs.
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

/**
 * A Slurm of our own: its folder, the nodes that have a daemon, and what its settings say beside what all have.
 * @typedef {object} Cluster
 * @property {string} folder
 * @property {readonly string[]} nodes
 * @property {(ports: readonly number[]) => string} settings
 * @property {string} [gres] which devices are whose
 */

const exec = promisify(execFile);
const host = hostname().split(".")[0] ?? "localhost";
const mungeFolder = join(stateFolder, "slurm");
const munge = join(mungeFolder, "munged");
const mungeSocket = join(mungeFolder, "munge.sock");

/** @type {Cluster} */
const plain = {
  folder: join(stateFolder, "slurm"),
  nodes: [host],
  settings: ([port]) => `
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
NodeName=${host} Port=${port} CPUs=${availableParallelism()} RealMemory=${Math.floor((totalmem() / 2 ** 20) * 0.9)} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
`,
};

/**
 * The nodes are daemons on this machine that share it: `steady`, `frail`, which tests may fail, `gpus` with two that are none,
 * and `away`, which is drained. The partitions have their names, and on `steady` there are `low`, whose jobs make room for those
 * of `high`, and `closed`. Jobs that use more memory than they asked for are killed.
 * @type {Cluster}
 */
const troubled = {
  folder: join(stateFolder, "troubled-slurm"),
  nodes: ["steady", "frail", "gpus"],
  settings: (ports) => `
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=500
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MaxArraySize=5
KillWait=5
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=DEFAULT CPUs=8 RealMemory=8000
NodeName=steady NodeHostname=${host} Port=${ports[0]} State=UNKNOWN
NodeName=frail NodeHostname=${host} Port=${ports[1]} State=UNKNOWN
NodeName=gpus NodeHostname=${host} Port=${ports[2]} Gres=gpu:2 State=UNKNOWN
NodeName=away NodeHostname=${host} Port=${ports[3]} State=DRAIN
PartitionName=DEFAULT MaxTime=INFINITE State=UP
PartitionName=steady Nodes=steady Default=YES
PartitionName=frail Nodes=frail
PartitionName=gpus Nodes=gpus
PartitionName=away Nodes=away
PartitionName=low Nodes=steady PriorityTier=1
PartitionName=high Nodes=steady PriorityTier=10 PreemptMode=OFF
PartitionName=closed Nodes=steady State=DOWN
`,
  gres: "NodeName=gpus Name=gpu File=/dev/null\nNodeName=gpus Name=gpu File=/dev/zero\n",
};

/** Why this machine cannot have it; undefined when it can. */
export async function slurmObstacle() {
  return (await answering()) === undefined ? ownObstacle() : undefined;
}

/** Why this machine cannot have Slurms of our own; undefined when it can. */
export function ownObstacle() {
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
  return (await answering()) ?? (await startOwn(plain));
}

/**
 * Starts what is not at work of the Slurm on which things go wrong.
 * @returns {Promise<SlurmValues>}
 */
export function startTroubledSlurm() {
  return startOwn(troubled);
}

/** Ends what was started. */
export async function stopSlurm() {
  await Promise.all([plain, troubled].map(stopCluster));
  await endDaemon(munge);
}

/** Ends the controller of the Slurm on which things go wrong, which jobs outlive. */
export async function stopController() {
  await endDaemon(controllerOf(troubled));
}

/** Starts it again, with all that it knew. */
export async function startController() {
  await ensureDaemon(controllerOf(troubled), ["/usr/sbin/slurmctld", "-D", "-f", settingsFile(troubled)]);
  await untilUp(troubled);
}

/**
 * The Slurm to work on, if one answers. Our own is asked first: it is only there where the machine has none, and to find that out takes seconds.
 * @returns {Promise<SlurmValues | undefined>}
 */
async function answering() {
  for (const env of [environmentOf(plain), {}]) {
    const partition = await answeringPartition(env);
    if (partition !== undefined) return { partition, env };
  }
  return undefined;
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

/**
 * @param {Cluster} cluster
 * @returns {Promise<SlurmValues>}
 */
async function startOwn(cluster) {
  const env = environmentOf(cluster);
  const there = await answeringPartition(env);
  if (there !== undefined) return { partition: there, env };
  await stopCluster(cluster);
  await startMunge();
  await mkdir(join(cluster.folder, "controller"), { recursive: true });
  await writeFile(settingsFile(cluster), await settings(cluster));
  await writeFile(join(cluster.folder, "gres.conf"), cluster.gres ?? "");
  await ensureDaemon(controllerOf(cluster), ["/usr/sbin/slurmctld", "-D", "-c", "-f", settingsFile(cluster)]);
  for (const node of cluster.nodes) {
    await mkdir(join(cluster.folder, "spool", node), { recursive: true });
    await ensureDaemon(daemonOf(cluster, node), ["/usr/sbin/slurmd", "-D", "-N", node, "-f", settingsFile(cluster)]);
  }
  return { partition: await untilUp(cluster), env };
}

/** @param {Cluster} cluster */
async function untilUp(cluster) {
  let partition = "";
  const daemons = [munge, controllerOf(cluster), ...cluster.nodes.map((node) => daemonOf(cluster, node))];
  await untilAnswers("Slurm", async () => (partition = (await answeringPartition(environmentOf(cluster))) ?? "") !== "", daemons);
  return partition;
}

/** @param {Cluster} cluster */
async function stopCluster(cluster) {
  await Promise.all(cluster.nodes.map((node) => endDaemon(daemonOf(cluster, node))));
  await endDaemon(controllerOf(cluster));
}

async function startMunge() {
  await mkdir(mungeFolder, { recursive: true });
  await chmod(mungeFolder, 0o711);
  const key = join(mungeFolder, "munge.key");
  if (!existsSync(key)) await writeFile(key, randomBytes(128), { mode: 0o600 });
  const files = {
    socket: mungeSocket,
    "key-file": key,
    "pid-file": join(mungeFolder, "munge.id"),
    "log-file": join(mungeFolder, "munge.log"),
    "seed-file": join(mungeFolder, "munge.seed"),
  };
  const options = Object.entries(files).map(([name, file]) => `--${name}=${file}`);
  // Force: it warns of root's files in a temporary folder.
  await ensureDaemon(munge, ["/usr/sbin/munged", "--foreground", "--force", ...options]);
  await untilAnswers("munged", async () => existsSync(mungeSocket), [munge]);
}

/** @param {Cluster} cluster */
function settingsFile({ folder }) {
  return join(folder, "slurm.conf");
}

/**
 * @param {Cluster} cluster
 * @returns {Readonly<Record<string, string>>}
 */
function environmentOf(cluster) {
  return { SLURM_CONF: settingsFile(cluster) };
}

/** @param {Cluster} cluster */
function controllerOf({ folder }) {
  return join(folder, "slurmctld");
}

/**
 * @param {Cluster} cluster
 * @param {string} node
 */
function daemonOf({ folder }, node) {
  return join(folder, `slurmd-${node}`);
}

/** @param {Cluster} cluster */
async function settings({ folder, nodes, settings: own }) {
  const [controller, ...ports] = await freePorts(nodes.length + 2);
  const path = (/** @type {string} */ name) => join(folder, name);
  return `ClusterName=millrace
SlurmctldHost=${host}
SlurmctldPort=${controller}
AuthType=auth/munge
AuthInfo=socket=${mungeSocket}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
SlurmUser=root
SlurmctldPidFile=${path("slurmctld.id")}
SlurmdPidFile=${path("slurmd-%n.id")}
StateSaveLocation=${path("controller")}
SlurmdSpoolDir=${path("spool/%n")}
SelectType=select/cons_tres
SchedulerParameters=sched_interval=1,batch_sched_delay=0
AccountingStorageType=accounting_storage/none
MinJobAge=300${own(ports)}`;
}

/** @param {number} count */
async function freePorts(count) {
  /** @type {Set<number>} */
  const ports = new Set();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
