import type { TaskSpec } from "../core/task-spec.js";
import type { CurrentTask } from "../flow/current.js";
import type { RunContext } from "./run-context.js";
import type { TaskFolder } from "./task-folder.js";

/** What `current` tells while an attempt runs. */
export function currentTask(context: RunContext, spec: TaskSpec, folder: TaskFolder): CurrentTask {
  const { record } = context.run;
  return {
    flowName: record.flow,
    runId: record.run,
    stepName: spec.step,
    taskId: spec.task,
    retryCount: spec.attempt,
    originRunId: record.origin?.run,
    tags: record.tags,
    user: record.user,
    get parameters() {
      return context.parameterValues();
    },
    get tempDir() {
      return folder.path;
    },
    namespace: record.options.namespace,
    projectName: undefined,
    branchName: undefined,
    isProduction: false,
  };
}
