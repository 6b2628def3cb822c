#!/usr/bin/env node
import { version } from "../core/version.js";
import { isRecentNode, oldestNode } from "./node-version.js";

const [first, ...rest] = process.argv.slice(2);

// The version is answered before anything else is loaded: tools ask for it often.
if (rest.length === 0 && (first === "--version" || first === "-v" || first === "version")) {
  process.stdout.on("error", () => {}).write(`${version}\n`);
} else if (!isRecentNode(process.versions.node)) {
  process.stderr.write(`millrace needs Node ${oldestNode} or newer, but this is ${process.versions.node}: https://nodejs.org\n`);
  process.exitCode = 2;
} else {
  const { main, reportCrash } = await import("./main.js");
  process.on("uncaughtException", (error) => void reportCrash(error));
  process.exitCode = await main(process.argv.slice(2));
}
