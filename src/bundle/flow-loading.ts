import { pathToFileURL } from "node:url";
import { isMillraceError, MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";
import { formatPosition, type SourcePosition } from "../core/source-position.js";
import { failureFromError } from "./error-failure.js";
import { createLocator, type Locator } from "./locator.js";
import { sourcePlace } from "./source-problems.js";
import { positionOf } from "./user-stack.js";

export interface FlowLoadOptions<C> {
  /** What stood after `#`: an export's name, or the default export's class name. */
  readonly exportName?: string | undefined;
  /** Tells flow classes from other exports. */
  isFlowClass(value: unknown): value is C;
  /** Of the bundle; made when absent. */
  readonly locator?: Locator;
}

export interface LoadedFlow<C> {
  readonly flowClass: C;
  /** The name it is exported by, which finds it again: `default` or its own. */
  readonly exportName: string;
}

/**
 * Imports an executable bundle and finds its flow class: the one asked for, else the default export, else the only
 * flow among the exports.
 * @throws MillraceError `flow-none`, `flow-several`, `flow-name-unknown`, `flow-load-failed`.
 */
export async function loadFlow<C>(bundlePath: string, options: FlowLoadOptions<C>): Promise<LoadedFlow<C>> {
  const locator = options.locator ?? createLocator(bundlePath);
  const exported = await importBundle(bundlePath, locator);
  const flows = new Map<string, C>();
  for (const [name, value] of Object.entries(exported)) {
    if (options.isFlowClass(value)) flows.set(name, value);
  }
  return options.exportName === undefined ? onlyFlow(exported, flows, locator) : namedFlow(options.exportName, exported, flows, locator);
}

async function importBundle(bundlePath: string, locator: Locator): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(bundlePath).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw loadFailure(error, locator);
  }
}

function onlyFlow<C>(exported: Readonly<Record<string, unknown>>, flows: ReadonlyMap<string, C>, locator: Locator): LoadedFlow<C> {
  const file = locator.entry;
  const byDefault = flows.get("default");
  if (byDefault !== undefined) return { flowClass: byDefault, exportName: "default" };
  const [first, ...others] = flows;
  if (first === undefined) {
    const unexported = unexportedFlow(locator);
    const position = unexported && { file: locator.entry, line: unexported.line, column: 1 };
    const names = Object.keys(exported);
    throw new MillraceError("flow-none", { file, exports: names, ...(unexported !== undefined && { unexported: unexported.name }) }, { position });
  }
  // Two names for one class are one flow.
  if (others.some(([, flow]) => flow !== first[1])) throw new MillraceError("flow-several", { file, flows: [...flows.keys()] });
  return { flowClass: first[1], exportName: first[0] };
}

function namedFlow<C>(name: string, exported: Readonly<Record<string, unknown>>, flows: ReadonlyMap<string, C>, locator: Locator): LoadedFlow<C> {
  const flow = flows.get(name);
  if (flow !== undefined) return { flowClass: flow, exportName: name };
  const byClassName = [...flows].find(([, candidate]) => classNameOf(candidate) === name);
  if (byClassName !== undefined) return { flowClass: byClassName[1], exportName: byClassName[0] };
  const names = [...flows].map(([key, candidate]) => (key === "default" ? classNameOf(candidate) : key));
  const near = nearestName(name, names);
  const found = Object.hasOwn(exported, name) ? kindOf(exported[name]) : undefined;
  throw new MillraceError("flow-name-unknown", {
    file: locator.entry,
    name,
    flows: names,
    ...(near !== undefined && { near }),
    ...(found !== undefined && { found }),
  });
}

function classNameOf(value: unknown): string {
  return typeof value === "function" ? value.name : "";
}

function kindOf(value: unknown): string {
  if (typeof value !== "function") return value === null ? "null" : `of type ${typeof value}`;
  return String(value).startsWith("class") ? "another class" : "a function";
}

/** A class in the flow's file that extends FlowSpec and is not exported: the likeliest slip. */
function unexportedFlow(locator: Locator): { readonly name: string; readonly line: number } | undefined {
  const lines = (locator.sourceOf(locator.entry) ?? "").split(/\r?\n/);
  for (const [index, text] of lines.entries()) {
    const name = /^(?:abstract\s+)?class\s+([\w$]+)\s+extends\s+(?:\w+\.)?FlowSpec\b/.exec(text)?.[1];
    if (name !== undefined) return { name, line: index + 1 };
  }
  return undefined;
}

/** An exception outside any step, or an import that Node could not link. */
function loadFailure(error: unknown, locator: Locator): MillraceError {
  const failure = failureFromError(error, { locator });
  const [innermost, ...outer] = failure.frames;
  const position = innermost ?? linkPosition(error, locator);
  // An error of millrace's own (a decorator's option misspelt) says what to do itself.
  const line = position && locator.sourceOf(position.file)?.split(/\r?\n/)[position.line - 1];
  const text = isMillraceError(error) ? failure.message : `${failure.name}: ${withPackageNames(failure.message, line)}`;
  const place = position && sourcePlace({ file: position.file, line: position.line, column: position.column }, locator.sourceOf(position.file));
  const frames = outer.map((frame) => (frame.function === "" ? formatPosition(frame) : `${frame.function} (${formatPosition(frame)})`));
  return new MillraceError(
    "flow-load-failed",
    { file: locator.entry, problem: { text, ...place }, frames, hint: failure.hint },
    { cause: error, position: place?.position },
  );
}

/** Errors of linking have no frames; Node puts the file and line first in their stack, then the line and a mark under the column. */
function linkPosition(error: unknown, locator: Locator): SourcePosition | undefined {
  const [place = "", , mark = ""] = (error instanceof Error ? (error.stack ?? "") : "").split("\n");
  return positionOf(place, mark.indexOf("^") + 1 || 1, locator);
}

/** Packages as the source's line imports them, else by their names, instead of the files they resolved to. */
function withPackageNames(message: string, line: string | undefined): string {
  const imported = /\bfrom\s*["']([^"']+)["']/.exec(line ?? "")?.[1];
  return message.replaceAll(/file:\/\/\S*\/node_modules\/((?:@[^/\s']+\/)?[^/\s']+)[^\s']*/g, (_, name: string) =>
    imported === name || imported?.startsWith(`${name}/`) === true ? imported : name,
  );
}
