import { entry } from "./entry.js";

/** Flow files: finding, bundling, loading, parameters, decorators. */
export const flowErrors = {
  "flow-file-missing": entry<{ file: string }>({
    when: "The flow's file does not exist.",
    message: ({ file }) => `There is no file ${file}.`,
    hint: () => "Give the path of a flow's TypeScript file, relative to this folder.",
    usage: true,
  }),
};
