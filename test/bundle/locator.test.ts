import { afterAll, describe, expect, test } from "vitest";
import { stopBundler } from "../../src/bundle/esbuild.js";
import { createLocator } from "../../src/bundle/locator.js";
import { createProject, importBundle, materialise } from "./project.js";

afterAll(stopBundler);

const flow = `import { FlowSpec, step } from "millrace";
import { BaseFlow } from "../lib/base.js";

/** A flow. */
export default class ScoreFlow extends BaseFlow {
  alpha = 0.1;
  rows!: number[];

  @step async start(): Promise<void> {
    const here = "ü: some text"; this.next(this.end as never);
  }

  @step end() {}
}
`;
const base = `import { FlowSpec, step } from "millrace";
const place = import.meta.url;
export class BaseFlow extends FlowSpec {
  @step middle(): void { this.next(place as never); }
}
`;

describe("a locator", () => {
  test("finds places in a class's text, also in a base class of another file", async () => {
    using project = createProject({ "flows/flow.ts": flow, "lib/base.ts": base });
    const path = await materialise(project, "flows/flow.ts");
    const locator = createLocator(path);
    const ScoreFlow = (await importBundle(path))["default"] as new () => object;
    const BaseFlow = Object.getPrototypeOf(ScoreFlow) as new () => object;
    const place = (of: new () => object, text: string): unknown => locator.locateInClass(String(of), String(of).indexOf(text));
    expect(place(ScoreFlow, "this.next(this.end")).toEqual({ file: "flows/flow.ts", line: 10, column: 34 });
    expect(place(ScoreFlow, "end() {")).toEqual({ file: "flows/flow.ts", line: 13, column: 9 });
    expect(place(BaseFlow, "this.next")).toEqual({ file: "lib/base.ts", line: 4, column: 26 });
    expect(place(BaseFlow, "middle() {")).toEqual({ file: "lib/base.ts", line: 4, column: 9 });
    expect(locator.locateInClass("class Unknown {}", 3)).toBeUndefined();
  });

  test("has the sources as they were, with nothing added", async () => {
    using project = createProject({ "flows/flow.ts": flow, "lib/base.ts": base });
    const locator = createLocator(await materialise(project, "flows/flow.ts"));
    expect(locator.sourceOf("lib/base.ts")).toBe(base);
    expect(locator.sourceOf("flows/flow.ts")).toBe(flow);
    expect(locator.sourceLine("flows/flow.ts", 4)).toBe("/** A flow. */");
    expect(locator.sourceLine("flows/flow.ts", 400)).toBeUndefined();
    expect(locator.sourceOf("lib/other.ts")).toBeUndefined();
    expect([locator.projectRoot, locator.entry]).toEqual([project.root, "flows/flow.ts"]);
  });

  test("knows no source for what esbuild adds", async () => {
    using project = createProject({ "flows/flow.ts": flow, "lib/base.ts": base });
    const locator = createLocator(await materialise(project, "flows/flow.ts"));
    expect(locator.position(1, 1)).toBeUndefined();
  });

  test("of a bundle that is gone knows nothing", () => {
    const locator = createLocator("/nowhere/flow.mjs");
    expect(locator.position(1, 1)).toBeUndefined();
    expect(locator.locateInClass("class A {}", 1)).toBeUndefined();
    expect(locator.sourceOf("flow.ts")).toBeUndefined();
  });
});
