import { entry } from "./entry.js";

/** The datastore: reading and writing. */
export const storeErrors = {
  "datastore-full": entry<{ path: string; reason: string }>({
    when: "The disk that holds the datastore is full, or a quota is used up.",
    message: ({ path, reason }) => `There is no space left to write ${path} (${reason}).`,
    hint: () => "Make room, or name a folder on another disk with --datastore. What was finished is kept: go on with millrace resume.",
  }),
  "datastore-denied": entry<{ path: string; action: "read" | "write"; reason: string }>({
    when: "The datastore's folder may not be read or written.",
    message: ({ path, action, reason }) => `millrace may not ${action} ${path} (${reason}).`,
    hint: ({ action }) => `Give this user the right to ${action} there, or name another folder with --datastore.`,
  }),
  "datastore-io": entry<{ path: string; action: "read" | "write"; reason: string }>({
    when: "The file system failed while the datastore was read or written.",
    message: ({ path, action, reason }) => `Could not ${action} ${path}: ${reason}.`,
    hint: () => "Check the disk (and the network, if the folder is on one), then go on with millrace resume.",
  }),
  "record-damaged": entry<{ what: string; key: string; reason: string }>({
    when: "A record of the datastore is cut short or its checksum is wrong.",
    message: ({ what, key, reason }) => `The record of ${what} is damaged (${key}: ${reason}).`,
    hint: () => "It is treated as not finished: millrace resume runs the task again. If disks or copies are at fault, check them.",
  }),
  "layout-unknown": entry<{ location: string; found: string; known: number }>({
    when: "The datastore was written by another version of millrace with another layout.",
    message: ({ location, found, known }) => `The datastore ${location} has layout ${found}; this millrace reads layout ${known}.`,
    hint: () => "Use the millrace version that wrote it, or name another folder with --datastore.",
  }),
  "flow-unknown": entry<{ flow: string; location: string; near: string | undefined }>({
    when: "The datastore has no runs of that flow.",
    message: ({ flow, location }) => `There is no run of a flow named ${flow} in ${location}.`,
    hint: ({ near }) =>
      near === undefined
        ? "millrace runs lists what is there; --datastore (in code: { datastore }) names another place."
        : `Did you mean ${near}? millrace runs lists what is there.`,
  }),
  "run-unknown": entry<{ flow: string; run: string; newest: string | undefined }>({
    when: "The flow has no run of that id.",
    message: ({ flow, run }) => `${flow} has no run ${run}.`,
    hint: ({ flow, newest }) =>
      newest === undefined ? `millrace runs lists what is there.` : `The newest is ${flow}/${newest}; millrace runs ${flow} lists them all.`,
  }),
  "run-dropped": entry<{ pathspec: string }>({
    when: "A run is dropped by millrace gc at the moment at which it is used.",
    message: ({ pathspec }) => `${pathspec} was just dropped by millrace gc.`,
    hint: () => "millrace runs shows whether it is still there; then try again.",
  }),
  "gc-running": entry<{ host: string; pid: number; location: string; object: string }>({
    when: "Another clean-up is at work in the datastore.",
    message: ({ host, pid, location }) => `Another millrace gc is at work in ${location} (process ${pid} on ${host}).`,
    hint: ({ object }) => `Wait for it. If it was killed, its note ${object} counts for nothing after an hour, or can be deleted.`,
  }),
  "gc-slow": entry<{ location: string }>({
    when: "A clean-up was held up for so long that others may take it for dead.",
    message: ({ location }) => `millrace gc was held up for too long in ${location}, and stops to be safe.`,
    hint: () => "Nothing that is in use was deleted. Run millrace gc again: it goes on from there.",
  }),
  "task-unknown": entry<{ pathspec: string; near: string | undefined }>({
    when: "The run has no such step, task or attempt on record.",
    message: ({ pathspec }) => `${pathspec} is not on record.`,
    hint: ({ near }) =>
      near === undefined
        ? "It may not have started yet; millrace status shows what has."
        : `Did you mean ${near}? millrace status shows what is there.`,
  }),
  "reused-gone": entry<{ run: string; origin: string; first: string; count: number }>({
    when: "A resumed run refers to tasks of an earlier run that are no longer there.",
    message: ({ run, origin, first, count }) =>
      count === 1
        ? `${run} took over ${first} from ${origin}, where it is gone.`
        : `${run} took over ${count} tasks from ${origin}, ${first} among them, which are gone.`,
    hint: ({ origin }) => `Was ${origin} removed by hand? millrace gc keeps what other runs refer to. Restore it, or run the flow again.`,
  }),
  "code-file-unknown": entry<{ run: string; path: string; near: string | undefined; paths: readonly string[] }>({
    when: "A run's code has no file of that path.",
    message: ({ run, path }) => `The code of ${run} has no file ${path}.`,
    hint: ({ near, paths }) => (near === undefined ? `Its files are ${paths.join(", ")}.` : `Did you mean ${near}?`),
  }),
  "run-none-fits": entry<{ flow: string; wanted: string }>({
    when: "The flow has runs, but none is of the kind that was asked for.",
    message: ({ flow, wanted }) => `${flow} has no ${wanted}.`,
    hint: ({ flow }) => `millrace runs ${flow} lists the runs there are.`,
  }),
  "list-incomplete": entry<{ what: string; count: number; first: string }>({
    when: "A list has been read to its end, and some of what it should hold could not be read.",
    message: ({ what, count, first }) => `${count} of the ${what} cannot be read${count === 1 ? "" : ", the first"}: ${first}`,
    hint: () => "The rest is fine. Give the list { onDamaged: (error) => … } to hear of each, and to go without this error at its end.",
  }),
  "task-several": entry<{ pathspec: string; count: number; example: string }>({
    when: "One task was asked for, and the step has several.",
    message: ({ pathspec, count }) => `${pathspec} has ${count} tasks.`,
    hint: ({ example }) => `Say which, for example ${example}, or walk all of them.`,
  }),
  "task-running": entry<{ pathspec: string }>({
    when: "The artifacts of a task were asked for while it is still at work.",
    message: ({ pathspec }) => `${pathspec} is still at work: it has no artifacts yet.`,
    hint: ({ pathspec }) => `Ask again when it is done. What it prints meanwhile is shown by millrace logs ${pathspec} --follow.`,
  }),
  "artifact-unknown": entry<{ pathspec: string; names: readonly string[] }>({
    when: "The task has no artifact of that name.",
    message: ({ pathspec }) => `There is no artifact ${pathspec}.`,
    hint: ({ names }) => (names.length === 0 ? "The task has no artifacts." : `The task has: ${names.join(", ")}.`),
  }),
};
