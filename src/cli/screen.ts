import { createColors, wantsColor, type Colors } from "../terminal/colors.js";
import { StreamSink } from "../terminal/text-sink.js";
import type { Host } from "./host.js";

/** Where a command prints, with the colours that fit each stream. */
export interface Screen {
  readonly out: StreamSink;
  readonly err: StreamSink;
  /** For the standard output. */
  readonly colors: Colors;
  /** For the error output. */
  readonly errorColors: Colors;
}

export function openScreen(host: Host, setting: "auto" | "always" | "never"): Screen {
  const colorsFor = (stream: NodeJS.WriteStream): Colors =>
    createColors(wantsColor({ setting, environment: host.environment, isTerminal: stream.isTTY === true }));
  return { out: new StreamSink(host.stdout), err: new StreamSink(host.stderr), colors: colorsFor(host.stdout), errorColors: colorsFor(host.stderr) };
}
