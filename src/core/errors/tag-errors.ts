import { entry } from "./entry.js";

/** Tags of runs. */
export const tagErrors = {
  "tag-invalid": entry<{ tag: string; reason: string }>({
    when: "A tag is empty, too long, or holds characters that no tag may have.",
    message: ({ tag, reason }) => `“${tag}” is no tag: ${reason}.`,
    hint: () => "A tag is one line of 1 to 500 characters.",
    usage: true,
  }),
  "tag-reserved": entry<{ tag: string; prefix: string }>({
    when: "A tag begins like those that millrace itself gives to runs.",
    message: ({ tag, prefix }) => `“${tag}” cannot be added: tags that begin with ${prefix} are millrace's own.`,
    hint: () => "Choose another name; millrace tag list shows the tags that a run has by itself.",
    usage: true,
  }),
  "tag-system": entry<{ tag: string }>({
    when: "A tag that millrace itself gave to a run was to be removed.",
    message: ({ tag }) => `“${tag}” cannot be removed: it is one of millrace's own tags.`,
    hint: () => "Every run keeps them. Leave it out.",
    usage: true,
  }),
  "tag-limit": entry<{ count: number; limit: number }>({
    when: "A run would have more tags than it may.",
    message: ({ count, limit }) => `The run would have ${count} tags; ${limit} are allowed.`,
    hint: () => "Remove some first: millrace tag remove RUN TAG.",
    usage: true,
  }),
  "tag-nothing": entry<{ action: string }>({
    when: "A tag command names no tag to add or remove.",
    message: ({ action }) => `tag ${action} was given no tag.`,
    hint: ({ action }) =>
      action === "replace" ? "Write millrace tag replace RUN OLD NEW, or --remove and --add." : `Write millrace tag ${action} RUN TAG.`,
    usage: true,
  }),
  "tag-action-unknown": entry<{ action: string; nearest: string | undefined }>({
    when: "The word after millrace tag is none of its actions.",
    message: ({ action }) => `millrace tag has no action “${action}”.`,
    hint: ({ nearest }) => (nearest === undefined ? "Its actions are add, remove, replace and list." : `Did you mean millrace tag ${nearest}?`),
    usage: true,
  }),
};
