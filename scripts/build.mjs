// @ts-check
// Builds dist/: JavaScript by esbuild, type declarations by tsc. Does nothing when no input has changed.
//
//   node scripts/build.mjs [--no-types] [--clean]
//
// --no-types  leaves the declarations out (a quick build while at work)
// --clean     starts from an empty dist/, so that no chunk of an earlier build is left (for packing)
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The modules that Node, a user's flow or another of our processes starts from. Shared code goes to dist/chunks/, one folder
 * deep like src/<folder>/, so that `new URL("../task/entry.js", import.meta.url)` is right in the source and in the build.
 */
const entries = [
  "src/index.ts",
  "src/cards/index.ts",
  "src/cli/bin.ts",
  "src/cli/main.ts",
  "src/client/index.ts",
  "src/launcher/index.ts",
  "src/s3/index.ts",
  "src/store/s3/thread.ts",
  "src/task/entry.ts",
  "src/testing/index.ts",
  "src/testing/vite.ts",
  "src/testing/register.ts",
  "src/testing/loader-thread.ts",
  "src/testing/jest.ts",
];

/** What flows import, and what jobs on other machines start from: the entries of the runtime that travels. */
const runtimeEntries = [
  "src/index.ts",
  "src/cards/index.ts",
  "src/client/index.ts",
  "src/launcher/index.ts",
  "src/s3/index.ts",
  "src/remote/entry.ts",
  "src/store/s3/thread.ts",
  "src/task/entry.ts",
  "src/testing/index.ts",
];

const dist = join(root, "dist");
const stampFile = join(dist, ".build.json");

/**
 * Builds what is out of date. True when something was built.
 * @param {{ readonly types?: boolean, readonly clean?: boolean }} [options] both as the flags above
 */
export async function build({ types = true, clean = false } = {}) {
  const inputs = await hashInputs();
  const stamp = clean ? {} : await readStamp();
  const stale = { code: stamp.code !== inputs, types: types && stamp.types !== inputs };
  if (!stale.code && !stale.types) return false;

  const started = performance.now();
  if (clean) await rm(dist, { recursive: true, force: true });
  if (stale.code) {
    await buildCode(clean ? 11 : 5);
    await writeWhole(stampFile, JSON.stringify({ ...stamp, code: inputs }));
  }
  if (stale.types) {
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"]);
    await writeWhole(stampFile, JSON.stringify({ code: inputs, types: inputs }));
  }
  console.log(`built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** @param {number} quality brotli's, of what travels */
async function buildCode(quality) {
  const esbuild = await import("esbuild");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries,
    outbase: "src",
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    sourcesContent: false,
    // Our own package.json says which built files have side effects; that says nothing of the sources.
    ignoreAnnotations: true,
    define: { MILLRACE_VERSION: JSON.stringify(version) },
    logLevel: "warning",
    write: false,
  });
  const charts = await buildCharts(esbuild);
  await buildBoot(esbuild);
  await buildRuntime(esbuild, { version, charts, quality });
  // Chunks first, entries last, each file whole: a process that starts meanwhile sees the old build or the new one.
  const started = Date.now();
  const files = result.outputFiles.toSorted((a, b) => Number(b.path.includes("chunks")) - Number(a.path.includes("chunks")));
  for (const { path, contents } of files) await writeWhole(path, contents);
  await removeChunksBefore(started - 120_000);
  await chmod(join(dist, "cli/bin.js"), 0o755);
}

/**
 * The program that draws charts in a card's page, with Vega inside: a card stands alone, and installing this package
 * brings no further one for it.
 * @param {typeof import("esbuild")} esbuild
 */
async function buildCharts(esbuild) {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["web/cards/vega-charts.ts"],
    outfile: "dist/cards/vega-charts.js",
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    write: false,
  });
  for (const { path, contents } of outputFiles) await writeWhole(path, contents);
  await writeWhole(join(dist, "cards/vega-charts.LICENSES.txt"), await licensesOf(Object.keys(metafile.inputs)));
  return outputFiles.map(({ contents }) => contents);
}

/**
 * The start script of jobs, as a text for `node --input-type=module -e`. It is compressed: a job's command must be short.
 * @param {typeof import("esbuild")} esbuild
 */
async function buildBoot(esbuild) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["src/boot/boot.ts"],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    // Older Nodes must come as far as saying that they are too old.
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  const packed = brotliCompressSync(Buffer.concat(outputFiles.map(({ contents }) => contents))).toString("base64");
  const unpack = `import{brotliDecompressSync as d}from"zlib";await import("data:text/javascript;base64,"+d(Buffer.from("${packed}","base64")).toString("base64"))`;
  await writeWhole(join(dist, "boot/boot.js"), unpack);
}

/**
 * What jobs on other machines run: millrace with all packages that it needs inside, so that they need Node alone; and, apart, the
 * program that draws charts. Both are archives, made here once for all who install this package.
 * @param {typeof import("esbuild")} esbuild
 * @param {{ readonly version: string, readonly charts: readonly Uint8Array[], readonly quality: number }} options
 */
async function buildRuntime(esbuild, { version, charts, quality }) {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: runtimeEntries,
    outbase: "src",
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // The SDK's CommonJS files would come as one default export, where Node finds their names.
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    ignoreAnnotations: true,
    legalComments: "none",
    banner: { js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);` },
    define: { MILLRACE_VERSION: JSON.stringify(version) },
    plugins: [standAlone],
    logLevel: "warning",
    metafile: true,
    write: false,
  });
  const { tarOf } = await importSource(esbuild, "src/packing/tar.ts");
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const folder = "node_modules/millrace/";
  const files = [
    ...outputFiles.map(({ path, contents }) => ({ path: folder + relative(root, path).split(sep).join("/"), content: contents })),
    { path: `${folder}package.json`, content: Buffer.from(JSON.stringify({ name: "millrace", version, type: "module", exports: manifest.exports })) },
  ];
  const runtime = await writeArchive("runtime", tarOf(files), quality);
  const drawing = charts.map((content) => ({ path: `${folder}dist/cards/vega-charts.js`, content }));
  await writeWhole(join(dist, "remote/runtime.json"), JSON.stringify({ runtime, charts: await writeArchive("charts", tarOf(drawing), quality) }));
  await writeWhole(join(dist, "remote/LICENSES.txt"), await licensesOf(Object.keys(metafile.inputs)));
}

/**
 * Packages that only the scheduler's side uses stay outside; what is loaded by a `require` of our own, for speed at home, comes along.
 * @type {import("esbuild").Plugin}
 */
const standAlone = {
  name: "stand-alone",
  setup(bundler) {
    const absent = /^(?:esbuild|vite|@aws-sdk\/client-(?:batch|cloudwatch-logs))$/;
    bundler.onResolve({ filter: absent }, ({ path }) => ({ path, external: true }));
    bundler.onLoad({ filter: /src.bundle.code-frame\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(/^const require = .*$/m, ""), loader: "ts" };
    });
  },
};

/**
 * @param {string} name
 * @param {Buffer} tar
 * @param {number} quality
 */
async function writeArchive(name, tar, quality) {
  const stored = brotliCompressSync(tar, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: tar.length },
  });
  await writeWhole(join(dist, `remote/${name}.tar.br`), stored);
  return { sha256: createHash("sha256").update(tar).digest("hex"), size: tar.length };
}

/**
 * A module of the source, for use in this script.
 * @param {typeof import("esbuild")} esbuild
 * @param {string} file
 */
async function importSource(esbuild, file) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.concat(outputFiles.map(({ contents }) => contents)).toString("base64")}`);
}

/**
 * The licences of the packages that files belong to, each text once, under the packages that it is for.
 * @param {readonly string[]} files
 */
async function licensesOf(files) {
  const packages = new Set(files.flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  /** @type {Map<string, string[]>} */
  const packagesByText = new Map();
  for (const folder of [...packages].toSorted()) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
    const file = (await readdir(join(root, folder))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : (await readFile(join(root, folder, file), "utf8")).trim();
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packagesByText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * Chunks of earlier builds; not the newest of them, which a process at work may still load.
 * @param {number} time milliseconds since the epoch
 */
async function removeChunksBefore(time) {
  const folder = join(dist, "chunks");
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if ((await stat(file)).mtimeMs < time) await rm(file, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string | Uint8Array} contents
 */
async function writeWhole(file, contents) {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, contents);
  await rename(partial, file);
}

async function readStamp() {
  try {
    return JSON.parse(await readFile(stampFile, "utf8"));
  } catch {
    return {};
  }
}

async function hashInputs() {
  const sources = await Promise.all(["src", "web"].map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })));
  const files = [
    ...["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/build.mjs"].map((file) => join(root, file)),
    ...sources
      .flat()
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  ].toSorted();
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(relative(root, file))
      .update("\0")
      .update(await readFile(file))
      .update("\0");
  return hash.digest("hex");
}

/**
 * Runs a command with our output; rejects when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<void>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${[command, ...args].join(" ")} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    const built = await build({ types: !process.argv.includes("--no-types"), clean: process.argv.includes("--clean") });
    if (!built) console.log("dist is up to date");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
