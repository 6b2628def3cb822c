// @ts-check
// Preloaded into every process of a measured run: writes what the process used when it ends.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

process.on("exit", () => {
  const folder = process.env["BENCH_REPORTS"];
  if (folder === undefined) return;
  const report = {
    pid: process.pid,
    script: basename(process.argv[1] ?? ""),
    peakMemory: process.resourceUsage().maxRSS * 1024,
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    bytesRead: readBytesRead(),
  };
  writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(report));
});

function readBytesRead() {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}
