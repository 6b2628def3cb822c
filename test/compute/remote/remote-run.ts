// A program that runs a flow as the command does, with jobs that are processes of this machine: run, resume [STEP],
// or resume-recorded [STEP] with the code that the first run of Demo recorded.
import { join } from "node:path";
import { JsonReporter } from "../../../src/terminal/json-reporter.js";
import { StreamSink } from "../../../src/terminal/text-sink.js";
import { listenToSignals } from "../../../src/cli/run-signals.js";
import { openFlow, openRecordedFlow } from "../../../src/runner/open-flow.js";
import { readSettings } from "../../../src/config/settings.js";
import { changedRunOptions, runOptionsOf } from "../../../src/runner/run-options.js";
import { ProcessEngine } from "./process-engine.js";

const [what = "run", step] = process.argv.slice(2);
const root = process.cwd();
const settings = readSettings({ root, cwd: root, environment: process.env });
const signals = listenToSignals();
const reporter = new JsonReporter(new StreamSink(process.stdout));
{
  const options = {
    projectRoot: root,
    datastore: settings.datastoreAddress,
    with: settings.with,
    maxWorkers: settings.maxWorkers,
    cwd: root,
    env: process.env,
    openEngine: async () =>
      new ProcessEngine({
        folder: join(root, "jobs"),
        holdFile: join(root, "hold"),
        downFile: join(root, "down"),
        cloudWatch: process.env["TEST_CLOUDWATCH"],
      }),
  };
  await using session = await (what === "resume-recorded"
    ? openRecordedFlow({ ...options, flow: "Demo", run: "1" })
    : openFlow({ ...options, file: join(root, "flow.ts") }));
  const request = { reporter, user: "tester", tags: [], stop: signals.stop, kill: signals.kill, resumeCommand: () => "resume" };
  const finished =
    what === "run"
      ? await session.run({ ...request, parameters: {}, options: runOptionsOf(settings) })
      : await session.resume({ ...request, options: changedRunOptions(settings), ...(step !== undefined && { fromStep: step }) });
  await reporter.close();
  process.exitCode = finished.result.status === "done" ? 0 : finished.result.status === "failed" ? 1 : 130;
}
signals[Symbol.dispose]();
