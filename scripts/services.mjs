// @ts-check
// Real services to test against, on this machine: an AWS API whose Batch jobs run in containers, and a Slurm. Tests start what
// they need by themselves and end it; this keeps them at work meanwhile, and tells how to use them by hand.
//
//   npm run services -- start    starts what is not at work, and prints what to export
//   npm run services -- stop     ends what was started, and removes its files
//
// Linux (Debian 12), as root, with podman, runc, slurm-wlm and munge of Debian's packages, and moto (`pip install "moto[server,batch]"`).
import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { awsObstacle, startAws, stopAws } from "./services/aws.mjs";
import { ownObstacle, slurmObstacle, startSlurm, startTroubledSlurm, stopSlurm } from "./services/slurm.mjs";
import { addUser, alone, isUsed, removeUser, removeUsers, stateFolder } from "./services/state.mjs";

/** What there is, by name: why a machine cannot have it, and how it is started. */
const kinds = {
  aws: { obstacle: async () => awsObstacle(), start: startAws },
  slurm: { obstacle: slurmObstacle, start: startSlurm },
  /** Nodes fail there, jobs make room for others …: see scripts/services/slurm.mjs. */
  troubledSlurm: { obstacle: async () => ownObstacle(), start: startTroubledSlurm },
};

/**
 * A service that is at work, or why this machine has none.
 * @template T
 * @typedef {{ readonly status: "ready", readonly values: T } | { readonly status: "missing", readonly reason: string }} Service
 */

/**
 * Starts a service unless it is at work, for a process that says when it does no longer need it, or ends.
 * @template {keyof typeof kinds} K
 * @param {K} name
 * @param {number | "kept"} user the process's id, or `kept`: until services are stopped by hand
 * @returns {Promise<Service<Awaited<ReturnType<(typeof kinds)[K]["start"]>>>>}
 */
export async function useService(name, user) {
  const kind = kinds[name];
  const reason = await kind.obstacle();
  if (reason !== undefined) return { status: "missing", reason };
  const values = await alone(async () => {
    await addUser(user);
    return await kind.start();
  });
  return { status: "ready", values: /** @type {Awaited<ReturnType<(typeof kinds)[K]["start"]>>} */ (values) };
}

/**
 * Says that a process needs no service any more; the last one ends them.
 * @param {number} user
 */
export async function leaveServices(user) {
  await alone(async () => {
    await removeUser(user);
    if (!(await isUsed())) await endAll();
  });
}

async function endAll() {
  await Promise.all([stopAws(), stopSlurm()]);
}

async function start() {
  for (const name of /** @type {const} */ (["aws", "slurm"])) {
    const service = await useService(name, "kept");
    if (service.status === "missing") {
      console.error(`${name}: ${service.reason}`);
      process.exitCode = 1;
      continue;
    }
    const { env, ...values } = service.values;
    console.log(
      `# ${name}: ${Object.entries(values)
        .map(([key, value]) => `${key} ${value}`)
        .join(", ")}`,
    );
    for (const [key, value] of Object.entries(env)) console.log(`export ${key}=${value}`);
  }
}

async function stop() {
  await alone(async () => {
    await removeUsers();
    await endAll();
  });
  await rm(stateFolder, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const command = { start, stop }[process.argv[2] ?? ""];
  if (command === undefined) {
    console.error("say start or stop");
    process.exitCode = 2;
  } else await command();
}
