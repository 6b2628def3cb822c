import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTraces } from "../../../src/compute/slurm/end-marks.js";
import { jobEnvironment } from "../../../src/compute/slurm/job-environment.js";
import { jobScript, quote } from "../../../src/compute/slurm/job-script.js";
import { jobArguments, resourceArguments } from "../../../src/compute/slurm/sbatch-arguments.js";
import { stepWith } from "./sample-step.js";

const posix = test.skipIf(process.platform === "win32");

posix("any text is one word to the shell", () => {
  const words = fc.sample(
    fc.string({
      unit: fc.constantFrom("'", '"', "$", "`", "\\", "\n", " ", "!", "*", "~", "&", ";", "|", "<", "(", "{", "a", "é", "😀"),
      maxLength: 20,
    }),
    300,
  );
  const printed = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${words.map(quote).join(" ")}`], { encoding: "utf8" });
  expect(printed.split("\0").slice(0, -1)).toEqual(words);
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-job's "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BOOT = `process.stdout.write(JSON.stringify([process.env.MILLRACE_JOB, process.env.FROM_SETUP ?? null]))`;

function run(options: Partial<Parameters<typeof jobScript>[0]>, env: NodeJS.ProcessEnv = {}): string {
  const script = jobScript({ boot: BOOT, job: `{"it's": "a \\"job\\" $HOME"}`, setup: [], execPath: process.execPath, folder, ...options });
  return execFileSync("/bin/bash", ["-s"], {
    input: script,
    env: { ...process.env, SLURM_JOB_ID: "12", ...env },
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });
}

posix("a job's script hands what it was told over to Node, after the step's own lines", () => {
  expect(JSON.parse(run({ setup: ["export FROM_SETUP='yes'"] }))).toEqual([`{"it's": "a \\"job\\" $HOME"}`, "yes"]);
});

posix("Node is the step's, else the first in PATH, else the one that runs millrace", () => {
  const nowhere = { PATH: "/nonexistent" };
  expect(JSON.parse(run({}, nowhere))[0]).toContain("job");
  expect(() => run({ node: "/nonexistent/node" })).toThrow(/millrace: there is no Node on the node .*: \/nonexistent\/node is not there/);
});

posix("a job's script leaves its exit code beside its output, under the number that Slurm lists it by", () => {
  run({});
  expect(() => run({ boot: "process.exit(3)" }, { SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: "5" })).toThrow();
  expect(() => run({ boot: 'process.kill(process.pid, "SIGKILL")' }, { SLURM_JOB_ID: "13" })).toThrow();
  expect(readTraces(folder, new Set(["12", "12_5", "13", "15"])).ends).toEqual(
    new Map([
      ["12", { code: 0, signal: 0 }],
      ["12_5", { code: 3, signal: 0 }],
      ["13", { code: 0, signal: 9 }],
    ]),
  );
});

posix("a job that Slurm itself ends leaves no code: it lets the task end, and may be started again", () => {
  const boot = `process.on("SIGTERM", () => process.exit(5)); process.kill(process.ppid, "SIGTERM"); process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 30_000);`;
  expect(() => run({ boot }, { SLURM_JOB_ID: "14" })).toThrow(expect.objectContaining({ status: 5 }));
  const { ends, files } = readTraces(folder, new Set(["12", "14"]));
  expect([...ends.keys()]).toEqual(["12"]);
  // There is a word that something has happened all the same.
  expect(files).toBe(4);
});

test("what a step asks for becomes options; what it does not is the cluster's to say", () => {
  expect(resourceArguments(stepWith({ slurm: {} }))).toEqual(["--no-requeue"]);
  expect(
    resourceArguments(
      stepWith({
        resources: { cpu: 4, memory: 2000 },
        slurm: {
          cpu: 1.5,
          memory: 8000,
          gpu: 2,
          disk: 100,
          partition: "long",
          account: "a",
          qos: "q",
          constraint: "x&y",
          nodes: 2,
          timeMs: 90_000,
          extra: ["--exclude=n[1-3]"],
        },
      }),
    ),
  ).toEqual([
    "--partition=long",
    "--account=a",
    "--qos=q",
    "--constraint=x&y",
    "--nodes=2",
    "--cpus-per-task=4",
    "--mem=8000M",
    "--tmp=100M",
    "--gres=gpu:2",
    "--time=2",
    "--no-requeue",
    "--exclude=n[1-3]",
  ]);
});

test("a step may ask to be started again by Slurm", () => {
  expect(resourceArguments(stepWith({ slurm: { extra: ["--requeue"] } }))).toEqual(["--requeue"]);
});

test.each(["--array=0-3", "--output=x", "-o x", "--wrap=true", "--export=NONE", "train.sh", "--wait"])("extra may not say %s", (value) => {
  expect(() => resourceArguments(stepWith({ slurm: { extra: [value] } }))).toThrow(expect.objectContaining({ code: "slurm-extra" }));
});

test("an array's tasks print to files of their own; percent signs are no patterns", () => {
  expect(jobArguments({ name: "n", count: 3, folder: "/a%b" })).toEqual(
    expect.arrayContaining(["--array=0-2", "--output=/a%%b/%A_%a.out", "--error=/a%%b/%A_%a.err"]),
  );
  expect(jobArguments({ name: "n", count: 1, folder: "/a" })).toEqual(expect.arrayContaining(["--output=/a/%j.out"]));
});

test("jobs get what they need of the environment, and no secrets", () => {
  const environment = {
    PATH: "/bin",
    HOME: "/home/ada",
    LC_ALL: "C",
    SBATCH_ACCOUNT: "physics",
    SLURM_CONF: "/etc/slurm.conf",
    SLURM_JOB_ID: "7",
    SQUEUE_STATES: "RUNNING",
    DATABASE_PASSWORD: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const own = { SLURM_BITSTR_LEN: "0", SLURM_TIME_FORMAT: "standard" };
  const kept = { PATH: "/bin", HOME: "/home/ada", LC_ALL: "C", SBATCH_ACCOUNT: "physics", SLURM_CONF: "/etc/slurm.conf" };
  expect(jobEnvironment(environment, false)).toEqual({ ...kept, ...own });
  expect(jobEnvironment(environment, true)).toEqual({ ...kept, AWS_SECRET_ACCESS_KEY: "secret", ...own });
});
