import { MillraceError } from "../core/errors/millrace-error.js";
import { formatPathspec } from "../core/pathspec.js";
import type { TaskCard } from "./task-card.js";

/** What the running task tells of itself through {@link current}. */
export interface CurrentTask {
  readonly flowName: string;
  readonly runId: string;
  readonly stepName: string;
  readonly taskId: string;
  /** Attempts before this one: 0 at first. */
  readonly retryCount: number;
  /** The run that this one goes on from; undefined in a run of its own. */
  readonly originRunId: string | undefined;
  /** The run's tags. */
  readonly tags: readonly string[];
  /** Who started the run. */
  readonly user: string;
  /** What the run was given, by field name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** A folder of this attempt's own, removed after it. */
  readonly tempDir: string;
  /** The task's report: the step's only `@card`, of several the one without an id, else the first. */
  readonly card: TaskCard;
  readonly namespace: string | undefined;
  /** Of `@project`; undefined without it. */
  readonly projectName: string | undefined;
  /** `user.ada`, `test.feature`, `prod` or `prod.candidate`; undefined without `@project`. */
  readonly branchName: string | undefined;
  /** `fraud.user.ada.ScoreFlow`; undefined without `@project`. */
  readonly projectFlowName: string | undefined;
  readonly isProduction: boolean;
}

/** The task that runs, as its steps see it. */
export interface Current extends CurrentTask {
  /** `ScoreFlow/12/score/3`. */
  readonly pathspec: string;
}

let task: CurrentTask | undefined;
let findTask = (): CurrentTask | undefined => undefined;

/** Says which task runs in this process; undefined when none does. */
export function setCurrentTask(next: CurrentTask | undefined): void {
  task = next;
}

/** Where several tasks run in one process at a time: says how the one is found that the running code belongs to. */
export function findCurrentTaskBy(find: () => CurrentTask | undefined): void {
  findTask = find;
}

/**
 * The task that is running: `current.runId`, `current.stepName` …
 * @throws MillraceError `no-current-task` when read outside a task.
 */
export const current: Current = {
  get flowName() {
    return running("flowName").flowName;
  },
  get runId() {
    return running("runId").runId;
  },
  get stepName() {
    return running("stepName").stepName;
  },
  get taskId() {
    return running("taskId").taskId;
  },
  get pathspec() {
    const { flowName, runId, stepName, taskId } = running("pathspec");
    return formatPathspec(flowName, runId, stepName, taskId);
  },
  get retryCount() {
    return running("retryCount").retryCount;
  },
  get originRunId() {
    return running("originRunId").originRunId;
  },
  get tags() {
    return running("tags").tags;
  },
  get user() {
    return running("user").user;
  },
  get parameters() {
    return running("parameters").parameters;
  },
  get tempDir() {
    return running("tempDir").tempDir;
  },
  get card() {
    return running("card").card;
  },
  get namespace() {
    return running("namespace").namespace;
  },
  get projectName() {
    return running("projectName").projectName;
  },
  get branchName() {
    return running("branchName").branchName;
  },
  get projectFlowName() {
    return running("projectFlowName").projectFlowName;
  },
  get isProduction() {
    return running("isProduction").isProduction;
  },
};

function running(member: keyof Current): CurrentTask {
  const found = task ?? findTask();
  if (found === undefined) throw new MillraceError("no-current-task", { what: `current.${member}` });
  return found;
}
