import type { RunStatus } from "../../core/records.js";
import type { Colors } from "../../terminal/colors.js";
import { formatDuration, formatRelativeTime } from "../../core/quantity-text.js";
import { formatParameters } from "../../terminal/start-text.js";
import { formatTable } from "../../terminal/text-table.js";
import { truncateText } from "../../terminal/text-width.js";
import type { RunRow } from "../../datastore/run-row.js";

/** Columns that parameters may fill. */
const PARAMETER_COLUMNS = 50;

/** Runs as a table, one a line. */
export function formatRuns(rows: readonly RunRow[], now: number, colors: Colors): string {
  const columns = [
    { title: "RUN" },
    { title: "STATUS" },
    { title: "STARTED" },
    { title: "TOOK", align: "right" },
    { title: "PARAMETERS" },
    { title: "TAGS" },
  ] as const;
  const lines = formatTable(
    columns,
    rows.map((row) => [
      row.pathspec,
      paintStatus(row.status, colors),
      formatRelativeTime(Date.parse(row.startedAt), now),
      took(row, now),
      truncateText(formatParameters(row.parameters), PARAMETER_COLUMNS),
      row.tags.join(","),
    ]),
    colors.gray,
  );
  return `${lines.join("\n")}\n`;
}

/** How long a run took, or has been at work; nothing for one whose end nobody knows. */
export function took({ status, startedAt, finishedAt }: Pick<RunRow, "status" | "startedAt" | "finishedAt">, now: number): string {
  if (finishedAt !== null) return formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  return status === "running" ? formatDuration(now - Date.parse(startedAt)) : "";
}

export function paintStatus(status: RunStatus, colors: Colors): string {
  const paint = { running: colors.cyan, done: colors.green, failed: colors.red, interrupted: colors.yellow, lost: colors.magenta }[status];
  return paint(status);
}
