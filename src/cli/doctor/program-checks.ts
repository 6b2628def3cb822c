import { messageOf } from "../../core/errors/millrace-error.js";
import { version } from "../../core/version.js";
import { isRecentNode, oldestNode } from "../node-version.js";
import type { Finding } from "./findings.js";

/** Whether Node, of that version, is new enough. */
export function checkNode(nodeVersion: string): Finding {
  const found = { what: "Node", found: nodeVersion };
  return isRecentNode(nodeVersion)
    ? { level: "ok", ...found }
    : { level: "fail", ...found, advice: `millrace needs Node ${oldestNode} or newer: https://nodejs.org` };
}

export function checkMillrace(): Finding {
  return { level: "ok", what: "millrace", found: version };
}

/** Whether the bundler starts: its program is made for one kind of machine, and folders of packages get copied between machines. */
export async function checkEsbuild(): Promise<Finding> {
  try {
    const { transform, version: esbuildVersion } = await import("esbuild");
    const { code } = await transform("const n: number = 1; export { n }", { loader: "ts" });
    if (!code.includes("const n = 1")) return broken("it gives back what it should not");
    return { level: "ok", what: "esbuild", found: esbuildVersion };
  } catch (error) {
    return broken(messageOf(error).split("\n")[0] ?? "");
  }
}

function broken(reason: string): Finding {
  return {
    level: "fail",
    what: "esbuild",
    found: `does not work: ${reason}`,
    advice: "Install the packages on this machine anew (npm ci); folders of packages cannot be copied between kinds of machines.",
  };
}
