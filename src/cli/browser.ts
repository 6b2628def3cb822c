import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Environment } from "../config/environment.js";

/** The command that opens a file in the user's browser; undefined where there is none to be expected. */
export function browserCommand(platform: NodeJS.Platform, environment: Environment): readonly [string, ...string[]] | undefined {
  const chosen = environment["BROWSER"];
  if (chosen === "" || chosen === "none") return undefined;
  if (chosen !== undefined) return [chosen];
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  const hasScreen = [environment["DISPLAY"], environment["WAYLAND_DISPLAY"]].some((value) => value !== undefined && value !== "");
  return hasScreen ? ["xdg-open"] : undefined;
}

/** Opens a file and does not wait for the browser to end; false when it could not be started. */
export async function openInBrowser(file: string, [command, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  const child = spawn(command, [...args, file], { detached: true, stdio: "ignore" });
  try {
    await once(child, "spawn");
  } catch {
    return false;
  }
  child.unref();
  return true;
}
