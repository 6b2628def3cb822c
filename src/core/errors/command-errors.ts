import { entry } from "./entry.js";

/** The command line, configuration, finding runs. */
export const commandErrors = {
  "bad-pathspec": entry<{ pathspec: string }>({
    when: "A pathspec does not read as Flow/run[/step[/task[/artifact]]].",
    message: ({ pathspec }) => `“${pathspec}” is not a pathspec.`,
    hint: () => "Write Flow/run[/step[/task[/artifact]]], for example ScoreFlow/12/score/3; latest stands for the newest run.",
    usage: true,
  }),
};
