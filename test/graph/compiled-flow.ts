import { SourceMap, type SourceMapPayload } from "node:module";
import { transformSync } from "esbuild";
import type { FlowDefinition } from "../../src/core/definition.js";
import type { SourcePosition } from "../../src/core/source-position.js";
import { isFlowClass, type FlowClass } from "../../src/flow/flow-class.js";
import { describeFlow } from "../../src/graph/describe-flow.js";
import * as millrace from "../../src/index.js";

/** A flow from TypeScript text, compiled as flow files are. */
export interface CompiledFlow {
  readonly Flow: FlowClass;
  readonly definition: FlowDefinition;
}

export function compileFlow(source: string): CompiledFlow {
  const { code, map } = transformSync(source, {
    loader: "ts",
    format: "cjs",
    target: "node20",
    sourcemap: "external",
    sourcefile: "flow.ts",
    keepNames: true,
    tsconfigRaw: { compilerOptions: { experimentalDecorators: false } },
  });
  const Flow = evaluate(code);
  const payload = JSON.parse(map) as SourceMapPayload;
  const sources = new SourceMap({ ...payload, sourceRoot: "" });
  const locate = (classText: string, offset: number): SourcePosition | undefined => {
    const start = code.indexOf(classText);
    if (start < 0) return undefined;
    const before = code.slice(0, start + offset).split("\n");
    const found = sources.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
    return "originalLine" in found ? { file: "flow.ts", line: found.originalLine + 1, column: found.originalColumn + 1 } : undefined;
  };
  return { Flow, definition: describeFlow(Flow, locate, (file) => (file === "flow.ts" ? source : undefined)) };
}

/** A flow whose class has the given body. */
export function flowOf(body: string, heading = ""): CompiledFlow {
  return compileFlow(`import * as millrace from "millrace";
const { FlowSpec, step, parameter, retry, catchError, timeout, batch, schedule, project, includeFile } = millrace;
${heading}
export default class TestFlow extends FlowSpec {
${body}
}`);
}

/** Runs CommonJS code that imports nothing but millrace. */
export function evaluate(code: string): FlowClass {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  // oxlint-disable-next-line typescript/no-implied-eval -- what is compiled here has to be run
  const run = new Function("module", "exports", "require", code) as (module: object, exports: object, require: () => unknown) => void;
  run(module, module.exports, () => millrace);
  const Flow = module.exports["default"];
  if (!isFlowClass(Flow)) throw new Error("the code exports no flow");
  return Flow;
}
