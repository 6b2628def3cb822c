const PLAIN = /^[\w./:=@%+,~#-]+$/;

/** A word as a shell takes it: quoted where it must be. */
export function shellWord(word: string): string {
  if (PLAIN.test(word) && !word.startsWith("~") && !word.startsWith("#")) return word;
  return process.platform === "win32" ? `"${word.replaceAll('"', '""')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line of such words. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
