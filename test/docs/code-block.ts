/** A fenced block of a Markdown document. */
export interface CodeBlock {
  /** The first word after the fence; empty when there is none. */
  readonly language: string;
  /** The further `name=value` words after the fence; a word without `=` has the value "". */
  readonly attributes: Readonly<Record<string, string>>;
  /** What stands between the fences, each line with its end. */
  readonly text: string;
  /** The opening fence's line in the document, from 1. */
  readonly line: number;
}

/** Finds the fenced blocks of a document, in order; a block that stands in a list is taken without its indentation. */
export function readCodeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly info: string; readonly fence: string; readonly indent: string; readonly line: number; readonly lines: string[] } | undefined;

  for (const [index, line] of markdown.split("\n").entries()) {
    const match = /^(\s*)(`{3,})(.*)$/.exec(line);
    if (open === undefined) {
      if (match !== null) open = { indent: match[1] ?? "", fence: match[2] ?? "", info: (match[3] ?? "").trim(), line: index + 1, lines: [] };
    } else if (match !== null && match[2] === open.fence && match[3] === "") {
      blocks.push({ ...readInfo(open.info), text: open.lines.map((text) => `${text}\n`).join(""), line: open.line });
      open = undefined;
    } else {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open !== undefined) throw new Error(`the block opened on line ${open.line} is not closed`);
  return blocks;
}

function readInfo(info: string): Pick<CodeBlock, "language" | "attributes"> {
  const [language = "", ...words] = info.split(/\s+/);
  const attributes = words.filter(Boolean).map((word): [string, string] => {
    const [name = "", ...value] = word.split("=");
    return [name, value.join("=")];
  });
  return { language, attributes: Object.fromEntries(attributes) };
}
