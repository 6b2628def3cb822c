import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { MillraceError } from "../core/errors/millrace-error.js";
import type { SourcePosition } from "../core/source-position.js";
import type { SourceProblem } from "../core/source-problem.js";
import { codeFrame } from "./code-frame.js";
import type { Esbuild } from "./esbuild.js";
import { isCodeFile, isFolder, nearFile, withoutEnding } from "./near-file.js";
import { fileFromRoot, pathFromRoot, shownPath } from "./source-path.js";

type BuildErrorCode = "flow-syntax" | "import-missing" | "import-unsupported";

/** One error with all that esbuild found; its code is that of the gravest. */
export function bundleError(entry: string, projectRoot: string, messages: readonly Esbuild.Message[]): MillraceError {
  const found = messages.map((message) => describe(projectRoot, message));
  const order: readonly BuildErrorCode[] = ["flow-syntax", "import-missing", "import-unsupported"];
  const code = order.find((candidate) => found.some((item) => item.code === candidate)) ?? "flow-syntax";
  const problems = found.map((item) => item.problem);
  return new MillraceError(code, { file: entry, problems }, { position: problems[0]?.position });
}

function describe(projectRoot: string, message: Esbuild.Message): { readonly code: BuildErrorCode; readonly problem: SourceProblem } {
  const [code, text] = classify(projectRoot, message);
  return { code, problem: { text, ...placeOf(projectRoot, message.location) } };
}

function classify(projectRoot: string, message: Esbuild.Message): [BuildErrorCode, string] {
  const specifier = /^Could not resolve "(.*)"$/.exec(message.text)?.[1];
  if (specifier !== undefined) return ["import-missing", missingImport(projectRoot, specifier, message.location)];
  if (message.text.startsWith("No matching export")) return ["import-missing", message.text];
  const file = /^No loader is configured for "[^"]*" files: (.*)$/.exec(message.text)?.[1];
  if (file !== undefined) return ["import-unsupported", `${file} cannot be imported.`];
  const notes = message.notes.map((note) => (note.location === null ? note.text : `${note.text} ${note.location.file}:${note.location.line}`));
  return ["flow-syntax", [message.text, ...notes].join("\n")];
}

function missingImport(projectRoot: string, specifier: string, location: Esbuild.Location | null): string {
  const folder = location === null ? projectRoot : dirname(fileFromRoot(projectRoot, location.file));
  if (isFolder(resolve(folder, specifier))) return `“${specifier}” is a folder without an index file.`;
  const near = nearSpecifier(folder, specifier);
  return `There is no file “${specifier}”.${near === undefined ? "" : ` Did you mean “${near}”?`}`;
}

/** The relative specifier that was most likely meant, its ending as the user writes endings. */
function nearSpecifier(folder: string, specifier: string): string | undefined {
  const near = nearFile(
    resolve(folder, specifier),
    (entry) => entry.isDirectory() || isCodeFile(entry) || extname(entry.name) === extname(specifier),
  );
  if (near === undefined) return undefined;
  const path = pathFromRoot(folder, near);
  const exact = path.startsWith("../") ? path : `./${path}`;
  const isCode = withoutEnding(near) !== near;
  const ending = withoutEnding(specifier) === specifier ? "" : extname(specifier);
  const asWritten = isCode ? withoutEnding(exact) + ending : exact;
  // The same name with the ending of the file itself: other.mts is not found as other.js.
  return asWritten === specifier ? exact : asWritten;
}

function placeOf(projectRoot: string, location: Esbuild.Location | null): { position?: SourcePosition; codeFrame?: string } {
  if (location === null) return {};
  const file = fileFromRoot(projectRoot, location.file);
  // esbuild counts bytes from 0.
  const column = Buffer.from(location.lineText).subarray(0, location.column).toString("utf8").length + 1;
  return sourcePlace({ file: shownPath(projectRoot, file), line: location.line, column }, readSource(file));
}

/** A position with its code frame, as far as the source is known. */
export function sourcePlace(position: SourcePosition, source: string | undefined): { position: SourcePosition; codeFrame?: string } {
  const frame = source === undefined ? undefined : codeFrame(source, position.line, position.column);
  return { position, ...(frame !== undefined && { codeFrame: frame }) };
}

function readSource(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
