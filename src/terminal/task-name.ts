/** A task by its place, with the label that its fan-out gave it. */
interface NamedTask {
  readonly step: string;
  readonly task: string;
  readonly label?: string | undefined;
}

/** A task as people call it: `score/3`, with its label `score/3 (Oslo)`; `start` where it is its step's only one. */
export function taskName(task: NamedTask, isOnly: boolean): string {
  const name = isOnly && task.task === "0" ? task.step : `${task.step}/${task.task}`;
  return task.label === undefined ? name : `${name} (${task.label})`;
}

/** A task's pathspec with its label: `ScoreFlow/12/score/3 (Oslo)`. */
export function labelledPathspec(task: { readonly pathspec: string; readonly label?: string | undefined }): string {
  return task.label === undefined ? task.pathspec : `${task.pathspec} (${task.label})`;
}
