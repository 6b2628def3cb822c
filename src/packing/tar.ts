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

/** Names and sizes of the files in an archive that {@link tarOf} made. */
export function filesInTar(tar: Buffer): { readonly path: string; readonly bytes: number }[] {
  const files: { readonly path: string; readonly bytes: number }[] = [];
  let longName: string | undefined;
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const bytes = parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    const content = tar.subarray(at + BLOCK, at + BLOCK + bytes);
    if (tar[at + 156] === "x".charCodeAt(0)) longName = /path=(.*)\n/.exec(content.toString())?.[1];
    else {
      const name = tar.toString("utf8", at, at + 100);
      files.push({ path: longName ?? name.slice(0, (name.indexOf("\0") + 101) % 101 || 100), bytes });
      longName = undefined;
    }
    at += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return files;
}
