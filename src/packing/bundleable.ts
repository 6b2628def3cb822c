import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstalledPackage } from "./installed-package.js";

/** What in a package's code shows that it needs its own folder around it, and what to call that. */
const signs: readonly (readonly [RegExp, string])[] = [
  [/\bimport\.meta\.(?:url|dirname|filename|resolve)\b|\b__(?:dirname|filename)\b/, "it reads files of its own folder"],
  [/\brequire\.(?:resolve|extensions|cache)\b|\bcreateRequire\b|\bmodule\.(?:require|paths|parent)\b/, "it looks for modules at run time"],
  [/\brequire\(\s*(?!["'`)\s/])|\brequire\(\s*`[^`]*\$\{/, "it requires modules by computed names"],
  [/\bimport\(\s*(?:\/\*.*?\*\/\s*)*(?!["'`)\s/])|\bimport\(\s*`[^`]*\$\{/s, "it imports modules by computed names"],
  [/\bprocess\.dlopen\b|\bnode-gyp-build\b|["']bindings["']|\.node["'`]/, "it has a native addon"],
];

/** Packages of which millrace itself looks for the flow's copy. */
const shared: ReadonlySet<string> = new Set(["apache-arrow"]);

/**
 * Why a package has to travel as files; undefined when it can be bundled. Code that needs its own folder mostly says so; in doubt
 * (a comment that mentions `__dirname`) the package travels as files, which is right as well, only larger.
 * @param files Those of its files that the flow would have in its bundle.
 */
export function reasonAgainstBundling({ folder, name, manifest }: InstalledPackage, files: readonly string[]): string | undefined {
  if (shared.has(name)) return "millrace shares it with the flow";
  if (existsSync(join(folder, "binding.gyp")) || manifest["gypfile"] === true) return "it has a native addon";
  if (manifest["os"] !== undefined || manifest["cpu"] !== undefined) return "it is made for one platform";
  const { scripts } = manifest;
  if (typeof scripts === "object" && scripts !== null && ["preinstall", "install", "postinstall"].some((script) => script in scripts)) {
    return "it does something when it is installed";
  }
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const sign = signs.find(([pattern]) => pattern.test(text));
    if (sign !== undefined) return sign[1];
  }
  return undefined;
}
