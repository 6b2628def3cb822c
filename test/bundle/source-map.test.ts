import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { stopBundler } from "../../src/bundle/esbuild.js";
import { createLocator } from "../../src/bundle/locator.js";
import { createProject, installed, materialise } from "./project.js";

afterAll(stopBundler);

/** Statements with a mark each; what stands before and after the marks moves when the bundle is made executable. */
const statement = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => (mark: string) => `${mark}(${JSON.stringify(text)} as string);`),
  fc.constant((mark: string) => `(await import("a-package")).then(${mark}());`),
  fc.constant((mark: string) => `/* ü */ [await import("a-package"), ${mark}(import.meta.url, [await import("a-package/part")])];`),
  fc.constant((mark: string) => `if (typeof (${mark}()) === "string") { interface Row { id: number } ${mark}2(<Row>{ id: 1 }); }`),
  fc.constant((mark: string) => `\n  ${mark}(import.meta.dirname,\n\t\t${mark}2());`),
);

const lines = fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });

test("every place in an executable bundle maps to its place in the source", async () => {
  using project = createProject(installed("a-package", { exports: { ".": "./index.js", "./part": "./index.js" } }, { "index.js": "" }));
  await fc.assert(
    fc.asyncProperty(lines, lines, fc.boolean(), async (flow, lib, hashbang) => {
      const sources = {
        "flows/flow.ts": `${hashbang ? "#!/usr/bin/env node\n" : ""}import * as all from "a-package"; import "../lib/lib.js"; all;\n${print(flow, "flow")}`,
        "lib/lib.ts": `import one from "a-package/part"; one();\n${print(lib, "lib")}`,
      };
      project.write(sources);
      const path = await materialise(project, "flows/flow.ts");
      const locator = createLocator(path);
      const marks = Object.entries(sources).flatMap(([file, text]) => places(text).map((place) => ({ ...place, file })));
      const found = places(readFileSync(path, "utf8")).map(({ mark, line, column }) => ({ mark, ...locator.position(line, column) }));
      expect(found.toSorted(byMark)).toEqual(marks.toSorted(byMark));
    }),
    { numRuns: 40 },
  );
});

function print(parts: readonly (readonly ((mark: string) => string)[])[], name: string): string {
  return parts.map((line, row) => line.map((part, index) => part(`mark_${name}_${row}_${index}_`)).join(" ")).join("\n");
}

interface Place {
  readonly mark: string;
  readonly line: number;
  readonly column: number;
}

function places(text: string): Place[] {
  return text
    .split("\n")
    .flatMap((line, index) => Array.from(line.matchAll(/mark_\w+/g), (match) => ({ mark: match[0], line: index + 1, column: match.index + 1 })));
}

function byMark(a: { readonly mark: string }, b: { readonly mark: string }): number {
  return a.mark < b.mark ? -1 : 1;
}
