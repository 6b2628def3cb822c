import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";

/** A post or a reply as the forum has it. */
export interface Post {
  readonly title: string;
  readonly text: string;
}

export interface CleanPost extends Post {
  readonly cleanTitle: string;
  readonly cleanText: string;
}

/** A post with its words: as they were written, and in their dictionary form. */
export interface TokenisedPost extends CleanPost {
  readonly titleTokens: readonly string[];
  readonly textTokens: readonly string[];
  readonly titleLemmas: readonly string[];
  readonly textLemmas: readonly string[];
}

const rows = z.array(z.object({ title: z.string(), text: z.string() }));

/** Reads a table with the columns title and text. */
export async function readPosts(file: string): Promise<Post[]> {
  return rows.parse(parse(await readFile(file, "utf8"), { columns: true }));
}

/** Writes posts as a table, their words separated by spaces. */
export async function writePosts(file: string, posts: readonly TokenisedPost[]): Promise<void> {
  const lines = posts.map(({ titleTokens, textTokens, titleLemmas, textLemmas, ...post }) => ({
    ...post,
    titleTokens: titleTokens.join(" "),
    textTokens: textTokens.join(" "),
    titleLemmas: titleLemmas.join(" "),
    textLemmas: textLemmas.join(" "),
  }));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, stringify(lines, { header: true }));
}
