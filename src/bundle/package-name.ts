/** A specifier's package: `csv-parse`, `@babel/core`; undefined when it cannot be one (`@/lib`, `#lib`, `~/lib`). */
export function packageName(specifier: string): string | undefined {
  return /^(?:@[a-z0-9~_][\w.~-]*\/)?[a-z0-9_][\w.~-]*(?=\/|$)/i.exec(specifier)?.[0];
}

/** Whether a specifier names millrace itself, which is always the installation that runs. */
export function isMillrace(specifier: string): boolean {
  return specifier === "millrace" || specifier.startsWith("millrace/");
}
