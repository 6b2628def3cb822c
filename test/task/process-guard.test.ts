import { describe, expect, test } from "vitest";
import { sourceFile } from "../store/bundled-script.js";
import { runInChild } from "./in-child.js";

/** Runs a step under the guard, alone in its process. Tells how it ended, and why the process should retire. */
async function guarded(
  step: string,
  before = "",
): Promise<{ readonly told: readonly unknown[]; readonly code: number | null; readonly stderr: string }> {
  return runInChild(`
    import { createServer } from "node:net";
    import { setTimeout as sleep } from "node:timers/promises";
    import { ProcessGuard } from ${JSON.stringify(sourceFile("task/process-guard.ts"))};
    const guard = new ProcessGuard();
    guard.install();
    ${before}
    guard.takeBaseline();
    const run = async (name: string, step: () => unknown): Promise<void> => {
      try {
        await guard.watch(step);
        tell(name + " ended");
      } catch (error) {
        tell(name + ": " + (error instanceof Error && "code" in error ? error.code + " " : "") + (error instanceof Error ? error.message : String(error)));
      }
      const reason = guard.reasonToRetire();
      if (reason !== undefined) tell("retire: " + reason);
    };
    ${step}
    guard.leave();
    export {};
  `);
}

describe("a step that ends", () => {
  test.each([
    ["at once", "() => 7"],
    ["later", "async () => { await sleep(5); }"],
    ["with something like a promise", "() => ({ then: (resolve: (value: number) => void) => resolve(1) })"],
  ])("%s leaves a process that can be used again", async (_name, step) => {
    const { told, code } = await guarded(`await run("a", ${step}); await run("b", ${step});`);
    expect(told).toEqual(["a ended", "b ended"]);
    expect(code).toBe(0);
  });

  test.each([
    ["at once", '() => { throw new Error("it broke"); }'],
    ["later", 'async () => { await sleep(1); throw new Error("it broke"); }'],
    ["with something that is no error", 'async () => { throw "it broke"; }'],
  ])("by throwing, %s, ends so", async (_name, step) => {
    expect((await guarded(`await run("a", ${step});`)).told).toEqual(["a: it broke"]);
  });
});

describe("what would end a plain program ends the step", () => {
  test.each([
    ["process.exit", "() => process.exit(3)", "a: process-exit The step called process.exit(3)."],
    ["process.exit, later", "async () => { await sleep(1); process.exit(); }", "a: process-exit The step called process.exit(0)."],
    ["process.exit that is caught", "() => { try { process.exit(4); } catch {} }", "a: process-exit The step called process.exit(4)."],
    [
      "process.exit in a callback",
      "() => new Promise(() => setTimeout(() => process.exit(5), 1))",
      "a: process-exit The step called process.exit(5).",
    ],
    ["an error in a callback", '() => new Promise(() => setTimeout(() => { throw new Error("in a callback"); }, 1))', "a: in a callback"],
    ["a rejection that nobody handles", '() => { void Promise.reject(new Error("nobody")); return sleep(50); }', "a: nobody"],
    ["a rejection of a sync step", '() => { void Promise.reject(new Error("nobody")); }', "a: nobody"],
  ])("%s", async (_name, step, expected) => {
    const { told, code } = await guarded(`await run("a", ${step});`);
    expect(told).toEqual([expected, "retire: an error escaped a step"]);
    expect(code).toBe(0);
  });

  test("a promise that can never settle", async () => {
    const { told } = await guarded('await run("a", () => new Promise(() => {}));');
    expect(told[0]).toMatch(/^a: step-never-ends /);
  });
});

test("a step that changes the working folder leaves the others theirs: the process retires", async () => {
  const { told } = await guarded(`
    await run("a", () => { const before = process.cwd(); process.chdir("/"); process.chdir(before); });
    await run("b", () => process.chdir("/"));
  `);
  expect(told).toEqual(["a ended", "b ended", "retire: a step changed the working folder"]);
});

describe("what a step leaves open", () => {
  test.each([
    ["a timer", "() => void setInterval(() => {}, 1000)", "Timeout"],
    [
      "a server",
      'async () => { const server = createServer(); server.listen(0); await new Promise((done) => server.once("listening", done)); }',
      "TCPServerWrap",
    ],
  ])("is reason to retire: %s", async (_name, step, type) => {
    const { told } = await guarded(`await run("a", ${step});`);
    expect(told[0]).toBe("a ended");
    expect(told[1]).toContain(type);
  });

  test("is none when the flow's modules had opened it, or when it is closed again", async () => {
    const { told } = await guarded(
      `await run("a", () => {});
       await run("b", async () => { const timer = setInterval(() => {}, 1000); clearInterval(timer); });
       await run("c", async () => { const server = createServer(); await new Promise<void>((done) => server.listen(0, () => done())); await new Promise((done) => server.close(done)); });`,
      "setInterval(() => {}, 100_000);",
    );
    expect(told).toEqual(["a ended", "b ended", "c ended"]);
  });
});

test("an error that escapes while no step runs does not fail the next one, and the process retires after it", async () => {
  const { told } = await guarded(`
    void Promise.reject(new Error("between"));
    await sleep(5);
    await run("a", () => {});
  `);
  expect(told).toEqual(["a ended", "retire: an error escaped a step"]);
});

test("outside a step, process.exit ends the process", async () => {
  const { code, told } = await guarded("process.exit(6); tell('still there');");
  expect({ code, told }).toEqual({ code: 6, told: [] });
});
