import { FlowSpec, type Inputs, parameter, step } from "millrace";

/** A fan-out over large items: a task reads its own and no other. */
export default class Chunks extends FlowSpec {
  count = parameter({ default: 100 });
  megabytes = parameter({ default: 10 });
  bytes!: number;
  total!: number;

  @step start() {
    this.next(this.measure, { foreach: chunks(this.count, this.megabytes) });
  }

  @step measure(chunk: Uint8Array) {
    this.bytes = chunk.length;
    this.next(this.join);
  }

  @step join(inputs: Inputs<this>) {
    this.total = inputs.reduce((sum, input) => sum + input.bytes, 0);
    this.next(this.end);
  }

  @step end() {
    if (this.total !== this.count * this.megabytes * 1024 * 1024) throw new Error(`${this.total} bytes arrived`);
  }
}

/** Bytes that compress badly, and differ from chunk to chunk. */
function* chunks(count: number, megabytes: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const words = new Uint32Array(megabytes * 256 * 1024);
    let state = index + 1;
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
    yield new Uint8Array(words.buffer);
  }
}
