import { formatPosition, type SourcePosition } from "./source-position.js";

/** Something that is wrong at a place in the user's source, ready to be shown. */
export interface SourceProblem {
  readonly text: string;
  readonly position?: SourcePosition;
  /** The source around the place, drawn without colours. */
  readonly codeFrame?: string;
}

/** Each problem with its place and source, one below the other. */
export function formatSourceProblems(problems: readonly SourceProblem[]): string {
  return problems.map(formatSourceProblem).join("\n\n");
}

function formatSourceProblem({ text, position, codeFrame }: SourceProblem): string {
  const line = position === undefined ? text : `${formatPosition(position)}: ${text}`;
  return codeFrame === undefined ? line : `${line}\n${codeFrame}`;
}
