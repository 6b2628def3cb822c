import { describe, expect, test } from "vitest";
import { sourceFile } from "../store/bundled-script.js";
import { runInChild } from "./in-child.js";

interface Recorded {
  readonly pieces: readonly (readonly [stream: string, text: string])[];
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly droppedBytes: number;
}

/** Runs a body that prints, between `begin` and `end`; gives what was recorded, undefined when nothing was. */
async function record(body: string, maxBytes = 100_000): Promise<(Recorded | undefined)[]> {
  const { told, stderr, code } = await runInChild(`
    import { execFileSync, spawnSync } from "node:child_process";
    import { writeSync } from "node:fs";
    import { OutputRecorder } from ${JSON.stringify(sourceFile("task/output-recorder.ts"))};
    const recorder = new OutputRecorder();
    recorder.install();
    const end = (): void => {
      const output = recorder.end(${maxBytes});
      tell(output === undefined ? null : { ...output, pieces: output.pieces.map(({ stream, bytes }) => [stream, Buffer.from(bytes).toString("utf8")]) });
    };
    const child = (text: string): void => void spawnSync(process.execPath, ["-e", "process.stdout.write(" + JSON.stringify(text) + ")"], { stdio: "inherit" });
    console.log("printed before any task");
    recorder.begin();
    ${body}
    end();
    process.disconnect();
    export {};
  `);
  expect(code, stderr).toBe(0);
  return told.map((one) => (one === null ? undefined : (one as Recorded)));
}

const text = (recorded: Recorded | undefined, stream?: string): string =>
  (recorded?.pieces ?? [])
    .filter(([of]) => stream === undefined || of === stream)
    .map(([, part]) => part)
    .join("");

describe("what a task prints", () => {
  test("is recorded, whoever prints it, and nothing else is", async () => {
    const [recorded] = await record(`
      console.log("by console");
      process.stdout.write("by the stream\\n");
      writeSync(1, "by the descriptor\\n");
      child("by a child\\n");
      console.error("an error");
    `);
    expect(text(recorded, "stdout")).toBe("by console\nby the stream\nby the descriptor\nby a child\n");
    expect(text(recorded, "stderr")).toBe("an error\n");
    expect(recorded).toMatchObject({ stdoutBytes: 54, stderrBytes: 9, droppedBytes: 0 });
  });

  test("keeps the order of the streams", async () => {
    const [recorded] = await record(`
      console.log("one");
      console.error("two");
      console.log("three");
    `);
    expect(text(recorded)).toBe("one\ntwo\nthree\n");
  });

  test("is nothing when it prints nothing", async () => {
    expect(await record("")).toEqual([undefined]);
  });

  test("is its own, task after task", async () => {
    const recorded = await record(`
      console.log("first");
      end();
      console.log("between");
      recorder.begin();
      console.log("second");
    `);
    expect(recorded.map((one) => text(one))).toEqual(["first\n", "second\n"]);
  });

  test("in letters of any script is kept as bytes", async () => {
    const [recorded] = await record(`console.log("größe 🚀");`);
    expect(text(recorded)).toBe("größe 🚀\n");
    expect(recorded?.stdoutBytes).toBe(Buffer.byteLength("größe 🚀\n"));
  });
});

const NOTE = /\n… \d+ bytes of output left out here .*…\n/u;

describe("more than is kept", () => {
  test("loses its middle, and says so there", async () => {
    const [recorded] = await record(`process.stdout.write("a".repeat(500) + "b".repeat(500) + "c".repeat(500));`, 400);
    expect(text(recorded)).toMatch(/^a{200}\n… 1100 bytes of output left out here \(--max-log-size\) …\nc{200}$/);
    expect(recorded).toMatchObject({ stdoutBytes: 1500, droppedBytes: 1100 });
  });

  test("loses it wherever it lies among many pieces of both streams", async () => {
    const [recorded] = await record(
      `for (let i = 0; i < 100; i++) {
         process.stdout.write("o".repeat(10));
         process.stderr.write("e".repeat(10));
       }`,
      400,
    );
    const kept = text(recorded).replace(NOTE, "|");
    expect(kept).toMatch(/^[oe]{200}\|[oe]{200}$/);
    expect(recorded).toMatchObject({ stdoutBytes: 1000, stderrBytes: 1000, droppedBytes: 1600 });
  });

  test.each([10, 20, 50, 200])("says so once, also when the pieces (of %i bytes) end where the gap does", async (size) => {
    const [recorded] = await record(
      `for (let i = 0; i < 2000 / ${size}; i++) process[i % 2 === 0 ? "stdout" : "stderr"].write("x".repeat(${size}));`,
      400,
    );
    expect(text(recorded).match(/left out/g)).toHaveLength(1);
    expect(text(recorded).replace(NOTE, "")).toBe("x".repeat(400));
  });
});
