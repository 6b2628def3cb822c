import type { Positional } from "./arguments.js";

const FLOW_FILE = /\.[cm]?[jt]sx?(?:#[\w$]+)?$/;

/**
 * Which of the words is the flow. A word after an option that is not known yet may be that option's value
 * (`--alpha 0.5 flow.ts`), so words that stand free go before it, and words that look like a flow's file before all.
 */
export function findFlowReference(words: readonly Positional[]): Positional | undefined {
  const looksLikeFlow = ({ text }: Positional): boolean => FLOW_FILE.test(text);
  return words.find((word) => !word.doubtful && looksLikeFlow(word)) ?? words.find(looksLikeFlow) ?? words.find((word) => !word.doubtful) ?? words[0];
}

const RUN_PATHSPEC = /^[A-Za-z_$][\w$]*\/(?:[1-9]\d*|latest)$/;

/** Whether a word names a run (`ScoreFlow/12`) and not a file. */
export function namesRun(word: string): boolean {
  return RUN_PATHSPEC.test(word);
}
