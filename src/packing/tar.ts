/** A file in an archive. */
export interface ArchiveFile {
  /** Relative to the folder it is unpacked in, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable?: boolean;
}

/** Bytes of a tar archive's blocks; headers are one, contents whole ones. */
const BLOCK = 512;

/** Seconds since the epoch: the time that all files have, as in npm's packages; tools complain of the epoch itself. */
const TIME = 499_162_500;

/** Files as a tar archive (pax, as every tar reads). Equal files, in any order, give equal bytes. */
export function tarOf(files: readonly ArchiveFile[]): Buffer {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return Buffer.concat([...sorted.flatMap(entryOf), Buffer.alloc(2 * BLOCK)]);
}

function entryOf({ path, content, executable = false }: ArchiveFile): Uint8Array[] {
  const name = Buffer.from(path);
  const isPlain = name.length <= 100 && name.length === path.length;
  return [...(isPlain ? [] : longPath(path)), header(isPlain ? name : Buffer.from("long-path"), content.length, executable, "0"), ...blocks(content)];
}

/** What a header has no room for, or no encoding, stands in an entry before it. */
function longPath(path: string): Uint8Array[] {
  const rest = Buffer.from(` path=${path}\n`);
  // The length counts its own digits.
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  const content = Buffer.concat([Buffer.from(String(length)), rest]);
  return [header(Buffer.from("PaxHeader"), content.length, false, "x"), ...blocks(content)];
}

function blocks(content: Uint8Array): Uint8Array[] {
  const missing = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return missing === 0 ? [content] : [content, Buffer.alloc(missing)];
}

function header(name: Uint8Array, size: number, executable: boolean, type: "0" | "x"): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(name);
  block.write(`${octal(executable ? 0o755 : 0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(TIME, 11)}\0`, 100);
  // The sum counts its own field as spaces.
  block.write(`        ${type}`, 148);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
