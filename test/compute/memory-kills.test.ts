import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryKills } from "../../src/compute/local/memory-kills.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-kills-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const EVENTS = "low 0\nhigh 0\nmax 17\noom 3\noom_kill 2\noom_group_kill 0\n";

test.each<[string, string, Readonly<Record<string, string>>, number]>([
  ["control groups of today", "0::/slurm/job_12/step_batch\n", { "sys/fs/cgroup/slurm/job_12/step_batch/memory.events": EVENTS }, 2],
  ["in a container", "0::/\n", { "sys/fs/cgroup/memory.events": EVENTS }, 2],
  [
    "those of before, beside other controllers",
    "9:name=systemd:/\n4:memory,hugetlb:/docker/abc\n1:cpu:/\n",
    { "sys/fs/cgroup/memory/docker/abc/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n" },
    5,
  ],
  ["where the path is the host's", "4:memory:/docker/abc\n", { "sys/fs/cgroup/memory/memory.oom_control": "under_oom 0\noom_kill 1\n" }, 1],
  ["where nobody counts", "0::/\n", {}, 0],
  ["where the kernel does not say it", "4:memory:/\n", { "sys/fs/cgroup/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n" }, 0],
])("processes that were killed for memory: %s", (_name, groups, files, count) => {
  for (const [path, text] of Object.entries({ "proc/self/cgroup": groups, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(memoryKills(root)).toBe(count);
});

test("on a system without control groups there are none", () => {
  expect(memoryKills(root)).toBe(0);
});
