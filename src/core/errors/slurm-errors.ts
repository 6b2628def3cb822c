import { entry } from "./entry.js";

/** Running steps on a Slurm cluster. */
export const slurmErrors = {
  "slurm-missing": entry<{ command: string }>({
    when: "A step is to run on Slurm, and Slurm's commands are not on this machine.",
    message: ({ command }) => `@slurm needs Slurm's command ${command}, which is not on this machine.`,
    hint: () =>
      "Start the run on a login node of the cluster, where sbatch works (some sites have it after “module load slurm”). To run here instead, take --with slurm or @slurm away.",
    usage: true,
  }),
  "slurm-unreachable": entry<{ said: string }>({
    when: "The cluster's controller does not answer before a run starts.",
    message: ({ said }) => `The Slurm cluster does not answer: ${said}`,
    hint: () =>
      "Try squeue by hand. If it fails too, the controller (slurmctld) is down or this is no node of the cluster: ask who runs it, or wait.",
  }),
  "slurm-refused": entry<{ step: string; said: string; advice: string }>({
    when: "sbatch does not take a step's job as its @slurm asks for it.",
    message: ({ step, said }) => `Slurm refuses the job of ${step}: ${said}`,
    hint: ({ advice }) => advice,
    usage: true,
  }),
  "slurm-extra": entry<{ step: string; value: string }>({
    when: "An entry of @slurm's option extra is no option of sbatch, or one that millrace itself has to set.",
    message: ({ step, value }) => `@slurm of ${step} has “${value}” in extra, which sbatch cannot be given there.`,
    hint: () =>
      'Each entry is one option as sbatch takes it, value joined on: extra: ["--exclude=node[1-3]", "--mail-type=FAIL"]. Name, array, script, environment and output files are millrace\'s own.',
    usage: true,
  }),
};
