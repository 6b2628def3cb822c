/** A place in the user's source, in TypeScript's own lines. */
export interface SourcePosition {
  /** Path relative to the project's root, with forward slashes; absolute for files outside it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export function formatPosition(position: SourcePosition): string {
  return `${position.file}:${position.line}:${position.column}`;
}
