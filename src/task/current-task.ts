import { projectFlowName } from "../core/project.js";
import type { TaskSpec } from "../core/task-spec.js";
import { AbsentCard } from "../cards/absent-card.js";
import type { CurrentTask } from "../flow/current.js";
import type { RunContext } from "./run-context.js";
import type { TaskCard } from "../flow/task-card.js";
import type { TaskFolder } from "./task-folder.js";

/** What an attempt has of its own that `current` shows. */
export interface AttemptSide {
  readonly folder: TaskFolder;
  /** Undefined: the step has no `@card`. */
  readonly card: TaskCard | undefined;
  /** Adds a line to the task's log. */
  say(line: string): void;
}

/** What `current` tells while an attempt runs. */
export function currentTask(context: RunContext, spec: TaskSpec, { folder, card, say }: AttemptSide): CurrentTask {
  const { record } = context.run;
  const { project } = record;
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
    card: card ?? new AbsentCard(`step ${spec.step} has no @card`, say),
    namespace: record.options.namespace,
    projectName: project?.name,
    branchName: project?.branch,
    projectFlowName: project === undefined ? undefined : projectFlowName(project, record.flow),
    isProduction: project?.production ?? false,
  };
}
