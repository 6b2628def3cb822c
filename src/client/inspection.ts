import type { InspectOptionsStylized } from "node:util";

type Inspect = (value: unknown, options: object) => string;

/** What `console.log` and a REPL show of an object of the client: its name, and what is known of it without reading more. */
export function describeObject(title: string, fields: object, depth: number, options: InspectOptionsStylized, inspect: Inspect): string {
  if (depth < 0) return options.stylize(`[${title}]`, "special");
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return `${title} ${inspect(known, { ...options, depth })}`;
}
