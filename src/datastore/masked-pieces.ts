import type { SecretMask } from "../core/secret-mask.js";
import type { LogPiece } from "./task-log.js";

/**
 * Output without secrets, which may go from one piece of a stream into its next.
 * @param gap The piece that says that output was left out.
 */
export function maskPieces(mask: SecretMask, pieces: readonly LogPiece[], gap?: LogPiece): LogPiece[] {
  const masked = new Map<LogPiece, Uint8Array>();
  const at = gap === undefined ? undefined : pieces.indexOf(gap);
  for (const stream of ["stdout", "stderr"] as const) {
    const own = pieces.filter((piece) => piece.stream === stream && piece !== gap);
    const before = at === undefined ? undefined : own.filter((piece) => pieces.indexOf(piece) < at).length;
    const bytes = mask.pieces(
      own.map((piece) => piece.bytes),
      before,
    );
    for (const [index, piece] of own.entries()) masked.set(piece, bytes[index] ?? piece.bytes);
  }
  return pieces.map((piece) => ({ ...piece, bytes: masked.get(piece) ?? piece.bytes }));
}
