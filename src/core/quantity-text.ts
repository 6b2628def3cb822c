const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time for people: `40ms`, `1.2s`, `34s`, `3m 05s`, `2h 07m`, `4d 03h`. */
export function formatDuration(ms: number): string {
  if (ms < 0.1 * SECOND) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)}s`;
  if (ms < MINUTE - SECOND / 2) return `${Math.round(ms / SECOND)}s`;
  // Rounded first, so that 59.7 s more than a minute is 2m 00s and not 1m 60s.
  const seconds = Math.round(ms / SECOND) * SECOND;
  if (seconds < HOUR) return pair(seconds, MINUTE, "m", SECOND, "s");
  if (seconds < DAY) return pair(seconds, HOUR, "h", MINUTE, "m");
  return pair(seconds, DAY, "d", HOUR, "h");
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${largeUnit} ${String(rest).padStart(2, "0")}${smallUnit}`;
}

/** A moment as people say it, seen from another: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, `in 5 min`. */
export function formatRelativeTime(time: number, now: number): string {
  const distance = Math.abs(now - time);
  if (distance < 10 * SECOND) return "just now";
  const text =
    distance < MINUTE
      ? `${Math.round(distance / SECOND)} s`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} min`
        : distance < DAY
          ? `${Math.floor(distance / HOUR)} h`
          : plural(Math.floor(distance / DAY), "day");
  return time <= now ? `${text} ago` : `in ${text}`;
}

/** `1 task`, `12 tasks`; thousands are grouped: `10,000 tasks`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A count with its thousands grouped. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number of bytes: `512 B`, `1.5 KB`, `10 MB` (of 1,024 each). */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
