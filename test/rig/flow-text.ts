/** What a flow's text is made of, when a test writes it by hand. */
export interface FlowText {
  /** Names imported from millrace beside `FlowSpec` and `step`, and other lines above the class. */
  readonly imports?: string;
  readonly head?: string;
  /** Fields of the class. */
  readonly fields?: string;
  /** The class's steps. */
  readonly steps: string;
  /** The class's name; `Demo` when absent. */
  readonly name?: string;
}

/** A flow file with one class, its default export. */
export function flowText({ imports = "", head = "", fields = "", steps, name = "Demo" }: FlowText): string {
  return `import { FlowSpec, step${imports === "" ? "" : `, ${imports}`} } from "millrace";
import { gate, here, note } from "./rig.js";
${head}
export default class ${name} extends FlowSpec {
${fields}
${steps}
}
`;
}

/** The number, from 1, of the one line that holds the text. */
export function lineOf(source: string, text: string): number {
  const lines = source.split("\n");
  const found = lines.filter((line) => line.includes(text));
  if (found.length !== 1) throw new Error(`“${text}” stands in ${found.length} lines`);
  return lines.findIndex((line) => line.includes(text)) + 1;
}
