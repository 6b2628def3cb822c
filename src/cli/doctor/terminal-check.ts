import { wantsColor } from "../../terminal/colors.js";
import type { Host } from "../host.js";
import type { Finding } from "./findings.js";

/** How runs will look here. */
export function checkTerminal({ stdout, environment }: Host): Finding {
  const isTerminal = stdout.isTTY === true;
  const view = isTerminal ? `live view, ${stdout.columns ?? 80} columns` : "no terminal: plain lines";
  const colors = wantsColor({ setting: "auto", environment, isTerminal }) ? "colours" : `no colours${whyNot(environment)}`;
  return { level: "ok", what: "terminal", found: `${view}, ${colors}` };
}

function whyNot(environment: Host["environment"]): string {
  return environment["NO_COLOR"] === undefined || environment["NO_COLOR"] === "" ? "" : " (NO_COLOR is set)";
}
