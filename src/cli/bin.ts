#!/usr/bin/env node
import { version } from "../core/version.js";

const [first, ...rest] = process.argv.slice(2);

// The version is answered before anything else is loaded: tools ask for it often.
if (rest.length === 0 && (first === "--version" || first === "-v" || first === "version")) {
  process.stdout.write(`${version}\n`);
} else {
  const { main } = await import("./main.js");
  process.exitCode = await main(process.argv.slice(2));
}
