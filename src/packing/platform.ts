/** A machine that packages are installed for. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc: "glibc" | "musl";
}

/** What jobs run on unless it is said. */
export const DEFAULT_PLATFORM: Platform = { os: "linux", cpu: "x64", libc: "glibc" };

/** `linux-x64`, `linux-arm64`, `linux-x64-musl`; undefined for other texts. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, cpu, musl] = /^(linux)-(x64|arm64)(-musl|-glibc)?$/.exec(text) ?? [];
  return os === undefined || cpu === undefined ? undefined : { os, cpu, libc: musl === "-musl" ? "musl" : "glibc" };
}

export function formatPlatform({ os, cpu, libc }: Platform): string {
  return `${os}-${cpu}${libc === "musl" ? "-musl" : ""}`;
}

/** This machine. */
export function ownPlatform(): Platform {
  const report = process.platform === "linux" ? (process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } }) : {};
  return {
    os: process.platform,
    cpu: process.arch,
    libc: process.platform !== "linux" || report.header?.glibcVersionRuntime !== undefined ? "glibc" : "musl",
  };
}

/** Whether a package says that it is for the platform, by `os`, `cpu` and `libc` in its package.json; one that says nothing is for all. */
export function isFor(manifest: Readonly<Record<string, unknown>>, { os, cpu, libc }: Platform): boolean {
  return allows(manifest["os"], os) && allows(manifest["cpu"], cpu) && (os !== "linux" || allows(manifest["libc"], libc));
}

function allows(list: unknown, value: string): boolean {
  if (list === undefined) return true;
  const names: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (names.includes(`!${value}`)) return false;
  const wanted = names.filter((name) => typeof name === "string" && !name.startsWith("!"));
  return wanted.length === 0 || wanted.includes(value) || wanted.includes("any");
}

/** Machine numbers of ELF files. */
const machines: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };

/** The processor that a native addon was made for on Linux; undefined for other files. */
export function elfCpu(bytes: Uint8Array): string | undefined {
  const isElf = bytes.length > 20 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  return isElf ? machines[(bytes[18] ?? 0) + 256 * (bytes[19] ?? 0)] : undefined;
}
