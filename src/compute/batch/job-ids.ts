/** An array's element has its array's id with its number behind a colon. */
export interface ElementId {
  readonly array: string;
  readonly index: number;
}

export function elementId({ array, index }: ElementId): string {
  return `${array}:${index}`;
}

/** Undefined for a job of its own. */
export function parseElementId(id: string): ElementId | undefined {
  const [, array, index] = /^(.+):(\d+)$/.exec(id) ?? [];
  return array === undefined || index === undefined ? undefined : { array, index: Number(index) };
}
