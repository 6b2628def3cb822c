import type { Environment } from "../../config/environment.js";

/** Variables that a job needs to find programs, its home, and its words. */
const NAMES = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "TZ",
  "LD_LIBRARY_PATH",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  // Environment modules, as they are loaded now.
  "MODULEPATH",
  "MODULESHOME",
  "LOADEDMODULES",
  "_LMFILES_",
  // Which cluster, and who asks.
  "SLURM_CONF",
  "SLURM_CLUSTERS",
  "SLURM_JWT",
]);
const PREFIXES = ["LC_", "LMOD_", "__LMOD_", "SBATCH_"];

/**
 * What Slurm's commands, and by way of `sbatch` the jobs, find in their environment: of this process's only what they need,
 * because Slurm keeps a job's environment in the controller's files. `SLURM_*` of a job in which millrace itself may run would
 * be taken for options, and `SQUEUE_*` would change what is listed.
 * @param s3 The datastore is in S3: jobs need what says how to reach it.
 */
export function jobEnvironment(environment: Environment, s3: boolean): Environment {
  const prefixes = s3 ? [...PREFIXES, "AWS_"] : PREFIXES;
  const kept = Object.entries(environment).filter(([name]) => NAMES.has(name) || prefixes.some((prefix) => name.startsWith(prefix)));
  // Array expressions whole, times as numbers say them.
  return { ...Object.fromEntries(kept), SLURM_BITSTR_LEN: "0", SLURM_TIME_FORMAT: "standard" };
}
