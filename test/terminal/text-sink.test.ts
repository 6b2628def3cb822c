import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { StreamSink } from "../../src/terminal/text-sink.js";

/** A stream that counts its writes, and can lose its reader. */
class Probe extends Writable {
  readonly chunks: string[] = [];
  isClosed = false;

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    if (this.isClosed) {
      callback(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      return;
    }
    if (chunk.length > 0) this.chunks.push(String(chunk));
    callback();
  }
}

test("many small writes reach the stream as one", async () => {
  const stream = new Probe();
  const sink = new StreamSink(stream);
  for (let index = 0; index < 1000; index++) sink.write(`${index}\n`);
  await sink.flush();
  expect(stream.chunks).toHaveLength(1);
  expect(stream.chunks[0]).toMatch(/^0\n1\n[\s\S]*999\n$/);
});

test("what is written leaves without a flush", async () => {
  const stream = new Probe();
  new StreamSink(stream).write("text");
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.chunks).toEqual(["text"]);
});

test("large amounts are not held back", () => {
  const stream = new Probe();
  new StreamSink(stream).write("x".repeat(100_000));
  expect(stream.chunks.join("")).toHaveLength(100_000);
});

test("bytes keep their place among texts", async () => {
  const stream = new Probe();
  const sink = new StreamSink(stream);
  sink.write("before ");
  sink.writeBytes(Buffer.from("bytes"));
  sink.write(" after");
  await sink.flush();
  expect(stream.chunks.join("")).toBe("before bytes after");
});

test("a reader that has gone ends the output, not the process", async () => {
  const stream = new Probe();
  const sink = new StreamSink(stream);
  sink.write("seen");
  await sink.flush();
  stream.isClosed = true;
  sink.write("not seen");
  await sink.flush();
  expect(sink.isBroken).toBe(true);
  sink.write("nor this");
  await sink.flush();
  expect(stream.chunks).toEqual(["seen"]);
});
