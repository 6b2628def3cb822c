import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * How many processes of this one's control group Linux has killed because their memory had run out: the group of a container, of a
 * cluster's job, of a login. 0 where nobody counts.
 * @param root Where the system's folders are, for tests.
 */
export function memoryKills(root = "/"): number {
  return Math.max(0, ...countsOf(root));
}

function countsOf(root: string): readonly number[] {
  return (textOf(join(root, "proc/self/cgroup")) ?? "").split("\n").flatMap((line) => {
    const [, controllers, path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const place = controllers === "" ? { mount: "", file: "memory.events" } : { mount: "memory", file: "memory.oom_control" };
    if (controllers !== "" && controllers?.split(",").includes("memory") !== true) return [];
    // In a container the path may be its host's: there the mount's own root is the group.
    const text = [path, ""].map((group) => textOf(join(root, "sys/fs/cgroup", place.mount, group, place.file))).find((found) => found !== undefined);
    const count = /^oom_kill (\d+)$/m.exec(text ?? "")?.[1];
    return count === undefined ? [] : [Number(count)];
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No Linux, no such controller, or not for us.
    return undefined;
  }
}
