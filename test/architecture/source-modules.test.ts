import { expect, test } from "vitest";
import { readSourceModule } from "./source-modules.js";

test("finds every kind of import and no other", () => {
  const { imports, folder } = readSourceModule(
    "task/deep/entry.ts",
    `
    import type { A } from "../../core/a.js";
    import { type B, type C } from "../b.js";
    import {
      type D,
      e,
    } from "./d.js";
    import * as f from "node:fs";
    import "./side-effect.js";
    export { g } from "./g.js";
    export * from "./h.js";
    // import { no } from "./no.js";
    /* import { no } from "./no.js"; */
    const url = "http://example.org"; const text = "comes from " + " | "; const later = await import("./lazy.js");
    type T = { readonly t: import("./t.js").T };
    `,
  );
  expect(folder).toBe("task");
  expect(imports).toEqual([
    { target: "core/a.ts", kind: "module", typeOnly: true, lazy: false },
    { target: "task/b.ts", kind: "module", typeOnly: true, lazy: false },
    { target: "task/deep/d.ts", kind: "module", typeOnly: false, lazy: false },
    { target: "node:fs", kind: "package", typeOnly: false, lazy: false },
    { target: "task/deep/side-effect.ts", kind: "module", typeOnly: false, lazy: false },
    { target: "task/deep/g.ts", kind: "module", typeOnly: false, lazy: false },
    { target: "task/deep/h.ts", kind: "module", typeOnly: false, lazy: false },
    { target: "task/deep/lazy.ts", kind: "module", typeOnly: false, lazy: true },
    { target: "task/deep/t.ts", kind: "module", typeOnly: true, lazy: false },
  ]);
});
