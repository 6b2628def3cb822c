import type { WriteStream } from "node:tty";
import type { Reporter } from "../core/run-event.js";
import { JsonReporter } from "./json-reporter.js";
import { PlainReporter } from "./plain-reporter.js";
import { QuietReporter } from "./quiet-reporter.js";
import type { ReportContext } from "./report-context.js";
import { StreamSink } from "./text-sink.js";

export interface ReporterChoice {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Where the run is shown: the standard output. */
  readonly stream: NodeJS.WriteStream;
  readonly context: ReportContext;
}

/** The renderer for a stream: JSON or quiet if asked for, live on terminals, else plain lines. */
export async function createReporter({ json, quiet, stream, context }: ReporterChoice): Promise<Reporter> {
  const sink = new StreamSink(stream);
  if (json) return new JsonReporter(sink);
  if (quiet) return new QuietReporter(sink, context);
  if (!isLiveTerminal(stream)) return new PlainReporter(sink, context);
  // Drawing takes libraries that take their time to load; plain output does without.
  const { LiveReporter } = await import("./live-reporter.js");
  return new LiveReporter(stream, context);
}

function isLiveTerminal(stream: NodeJS.WriteStream): stream is WriteStream {
  return stream.isTTY === true;
}
