// @ts-check
// Containers by podman, with its images and settings in a folder of its own.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { awsAccess } from "./aws-access.mjs";
import { ensureDaemon, endDaemon, programPath, untilAnswers } from "./daemon.mjs";
import { stateFolder } from "./state.mjs";

const exec = promisify(execFile);
const settingsFile = join(stateFolder, "containers.conf");
const service = join(stateFolder, "podman");
const storage = ["--root", join(stateFolder, "storage"), "--runroot", join(stateFolder, "run")];

/** Where the service listens, as Docker's clients are told it. */
export const podmanHost = `unix://${service}.sock`;

/** The image of jobs: the Node that runs this, and a shell. */
export const jobImage = `localhost/millrace/node:${process.versions.node}`;

/** Starts podman's service and makes the image of jobs, where they are missing. */
export async function startPodman() {
  await writeSettings();
  if (!(await hasImage())) await makeImage();
  await ensureDaemon(service, ["podman", ...storage, "system", "service", "--time=0", podmanHost], { CONTAINERS_CONF: settingsFile });
  await untilAnswers("podman's service", async () => existsSync(`${service}.sock`), [service]);
}

/** Ends the service and what runs in its containers; the image stays for the next time. */
export async function stopPodman() {
  // It keeps nothing that could break, and takes two seconds to end by itself.
  await endDaemon(service, "SIGKILL");
  if (existsSync(settingsFile)) await podman(["rm", "--all", "--force", "--time", "0"]);
  await rm(`${service}.sock`, { force: true });
}

async function writeSettings() {
  await writeFile(
    settingsFile,
    // The host's network, so that a job reaches the services on loopback. runc, because crun refuses hybrid cgroups.
    `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[engine.runtimes]
runc = ["${programPath("runc")}"]
`,
  );
}

function hasImage() {
  return podman(["image", "exists", jobImage]).then(
    () => true,
    () => false,
  );
}

/** A root file system with Node and a shell and nothing else: no registry is asked for an image. */
async function makeImage() {
  const folder = await mkdtemp(join(stateFolder, "image-"));
  try {
    await mkdir(join(folder, "tmp"));
    await chmod(join(folder, "tmp"), 0o1777);
    await mkdir(join(folder, "etc"));
    await writeFile(join(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    await mkdir(join(folder, "root"));
    await copyProgram(process.execPath, join(folder, "usr/bin/node"));
    await copyProgram("/bin/bash", join(folder, "bin/bash"));
    await copyProgram("/bin/dash", join(folder, "bin/sh"));
    for (const library of await librariesOf([process.execPath, "/bin/bash", "/bin/dash"])) await copyProgram(library, join(folder, library));
    await importImage(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function importImage(folder) {
  // On AWS a job has what its role allows; here the image brings the keys that the service takes.
  const environment = Object.entries({ PATH: "/usr/bin:/bin", ...awsAccess }).flatMap(([name, value]) => ["--change", `ENV ${name}=${value}`]);
  const tar = spawn("tar", ["-C", folder, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
  const child = spawn("podman", [...storage, "import", "--quiet", ...environment, "-", jobImage], {
    stdio: [tar.stdout, "ignore", "inherit"],
    env: podmanEnvironment(),
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (code !== 0) throw new Error(`podman import ended with ${code}`);
}

/**
 * @param {string} from
 * @param {string} to
 */
async function copyProgram(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(await realpath(from), to);
  await chmod(to, 0o755);
}

/** @param {readonly string[]} programs */
async function librariesOf(programs) {
  const listings = await Promise.all(programs.map((program) => exec("ldd", [program])));
  return new Set(listings.flatMap(({ stdout }) => stdout.match(/\/\S+/g) ?? []));
}

/** @param {readonly string[]} args */
function podman(args) {
  return exec("podman", [...storage, ...args], { env: podmanEnvironment() });
}

function podmanEnvironment() {
  return { ...process.env, CONTAINERS_CONF: settingsFile };
}
