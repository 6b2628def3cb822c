// @ts-check
// Measures millrace beside plain Node doing the bare minimum of the same work, and prints the figures.
//
//   npm run bench                  all of bench/*.bench.ts, one after another, each in a process of its own
//   npm run bench -- fan-out       those whose name contains the word
import { fork } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, root } from "./build.mjs";

/** @typedef {import("../bench/figure.js").Figure} Figure */

const words = process.argv.slice(2);
const [only] = words;

if (process.send !== undefined && only?.endsWith(".js")) {
  const { run } = await import(pathToFileURL(only).href);
  process.send(await run(), undefined, undefined, () => process.disconnect());
} else {
  await build({ types: false });
  const files = await compileBenches();
  const { formatFigure, isMet } = await import(pathToFileURL(join(root, ".cache/bench/figure.js")).href);
  let missed = 0;
  for (const file of files.filter((name) => words.length === 0 || words.some((word) => basename(name).includes(word)))) {
    console.log(`\n${basename(file, ".bench.js")}`);
    for (const figure of await measure(file)) {
      console.log(formatFigure(figure));
      if (!isMet(figure)) missed++;
    }
  }
  console.log(missed === 0 ? "\nevery target is met" : `\n${missed} missed`);
}

/** @returns {Promise<readonly string[]>} the compiled files */
async function compileBenches() {
  const { build: bundle } = await import("esbuild");
  const names = (await readdir(join(root, "bench"))).filter((name) => name.endsWith(".bench.ts")).toSorted();
  await bundle({
    absWorkingDir: root,
    entryPoints: ["bench/figure.ts", ...names.map((name) => `bench/${name}`)],
    outdir: ".cache/bench",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    ignoreAnnotations: true,
    define: { MILLRACE_VERSION: '"bench"' },
    logLevel: "warning",
  });
  return names.map((name) => join(root, ".cache/bench", name.replace(/\.ts$/, ".js")));
}

/**
 * @param {string} file
 * @returns {Promise<readonly Figure[]>}
 */
function measure(file) {
  return new Promise((resolve) => {
    const child = fork(join(root, "scripts/bench.mjs"), [file], { cwd: root, execArgv: ["--expose-gc"] });
    /** @type {readonly Figure[]} */
    let figures = [{ name: "the bench broke", value: Number.NaN, unit: "×", target: 0, detail: "" }];
    child.on("message", (message) => (figures = /** @type {readonly Figure[]} */ (message)));
    child.on("exit", () => resolve(figures));
  });
}
