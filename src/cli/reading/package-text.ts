import { formatBytes, plural } from "../../core/quantity-text.js";
import type { Package, PackageArchive } from "../../runner/packed-flow.js";
import type { Colors } from "../../terminal/colors.js";

/** Above this a package is worth a look: every job fetches all of it. */
const LARGE_BYTES = 100 * 1000 * 1000;

const about: Readonly<Record<PackageArchive["name"], string>> = {
  runtime: "millrace itself, the same for all flows",
  flow: "the flow's code and files",
  dependencies: "packages that travel as files",
  packages: "packages of @npm",
  charts: "draws the charts of cards",
};

/** What would travel, for people. */
export function formatPackage(flow: string, made: Package, { list, colors }: { readonly list: boolean; readonly colors: Colors }): string {
  const { archives, bundled, unbundled, unlocked, leftOut, modules } = made;
  const lines = [`${flow}: ${formatBytes(bytesOf(archives))} in ${plural(archives.length, "archive")}, ${formatBytes(sent(archives))} to send`, ""];
  for (const archive of archives) {
    const { name, files, steps } = archive;
    const whose = steps === undefined ? "" : `, for ${steps.join(", ")} alone`;
    lines.push(
      `${colors.bold(name.padEnd(12))} ${formatBytes(bytesOf([archive])).padStart(9)}  ${about[name]}${whose} (${plural(files.length, "file")})`,
    );
    if (name === "flow") {
      lines.push(colors.gray(`${indent}code of ${atMost(modules)}`));
      if (bundled.length > 0) lines.push(colors.gray(`${indent}with ${atMost(bundled)}`));
    }
    if (name === "dependencies") for (const [packageName, reason] of unbundled) lines.push(colors.gray(`${indent}${packageName}: ${reason}`));
    if (list && !isOurs(name)) for (const { path, bytes } of files) lines.push(`${formatBytes(bytes).padStart(22)}  ${path}`);
  }
  if (leftOut.length > 0) lines.push("", "left out:", ...leftOut.map(({ path, why }) => `  ${path}: ${why}`));
  if (unlocked.length > 0) {
    lines.push("", `${colors.yellow("!")} installed in other versions than the lockfile's:`);
    for (const { name, installed, locked, lockfile } of unlocked) lines.push(`  ${name} ${installed}: ${lockfile} says ${locked.join(" or ")}`);
  }
  if (bytesOf(archives) > LARGE_BYTES) {
    lines.push(
      "",
      `${colors.yellow("!")} That is more than ${formatBytes(LARGE_BYTES)}, and every job fetches it: ${largest(archives)} is the largest file. Data had better stand in the datastore.`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The same as data. */
export function packageJson(flow: string, { archives, bundled, unbundled, unlocked, leftOut, modules }: Package): object {
  return {
    flow,
    bytes: bytesOf(archives),
    sentBytes: sent(archives),
    archives: archives.map(({ name, steps, files, sentBytes }) => ({ name, ...(steps !== undefined && { steps }), sentBytes, files })),
    modules,
    bundled,
    unbundled: Object.fromEntries(unbundled),
    unlocked,
    leftOut,
  };
}

/** Its files are millrace's own, and of no interest. */
function isOurs(name: PackageArchive["name"]): boolean {
  return name === "runtime" || name === "charts";
}

const indent = " ".repeat(24);
/** Names in one line. */
const SHOWN = 12;

function atMost(names: readonly string[]): string {
  return names.length <= SHOWN ? names.join(", ") : `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more`;
}

function bytesOf(archives: readonly PackageArchive[]): number {
  return archives.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0);
}

function sent(archives: readonly PackageArchive[]): number {
  return archives.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
}

function largest(archives: readonly PackageArchive[]): string {
  const [first] = archives.flatMap(({ files }) => files).toSorted((a, b) => b.bytes - a.bytes);
  return first === undefined ? "" : `${first.path} (${formatBytes(first.bytes)})`;
}
