/** The oldest Node that millrace runs on: major, minor. */
const OLDEST = [20, 19] as const;

/** `20.19`, for messages. */
export const oldestNode = OLDEST.join(".");

/** Whether millrace runs on that version of Node. */
export function isRecentNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
