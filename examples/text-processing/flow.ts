import { join } from "node:path";
import { FlowSpec, local, parameter, retry, step, type Inputs } from "millrace";
import { readPosts, writePosts, type CleanPost, type Post, type TokenisedPost } from "./posts.js";
import { clean, readWords, removeStopWords } from "./words.js";

const testSample = 100;

/** Turns a sub-forum's posts into words ready for analysis: cleaned, tokenised, lemmatised, without stop words. */
export default class TextProcessingFlow extends FlowSpec {
  category = parameter({ default: "sustainability", help: "Sub-forum: sustainability or energy-sources-for-heating" });
  test = parameter({ default: false, help: `Take the first ${testSample} posts only, and save nothing` });
  chunkSize = parameter({ type: "int", default: 100, help: "Posts in one task" });
  data = parameter({ type: "string", required: false, help: "Folder of the sub-forums' tables; the example's own when left out" });
  output = parameter({ default: () => join(import.meta.dirname, "output"), help: "Folder of the result" });

  posts!: Post[];
  cleanPosts!: CleanPost[];
  tokenised!: TokenisedPost[];
  processed!: TokenisedPost[];

  /** Reads the posts of the sub-forum. */
  @step async start() {
    // Asked for here, not in the default: on another machine the tables are in another folder.
    const folder = this.data ?? join(import.meta.dirname, "data");
    const posts = await readPosts(join(folder, `${this.category}.csv`));
    this.posts = this.test ? posts.slice(0, testSample) : posts;
    console.log(`read ${this.posts.length} posts of ${this.category}`);
    this.next(this.cleanTitlesAndText);
  }

  /** Takes out what is no language: links, quotes' headings, emojis. */
  @step cleanTitlesAndText() {
    this.cleanPosts = this.posts.map((post) => ({ ...post, cleanTitle: clean(post.title), cleanText: clean(post.text) }));
    this.next(this.prepareChunks);
  }

  /** Cuts the posts into chunks, one a task. */
  @step prepareChunks() {
    const chunks: CleanPost[][] = [];
    for (let i = 0; i < this.cleanPosts.length; i += this.chunkSize) {
      chunks.push(this.cleanPosts.slice(i, i + this.chunkSize));
    }
    this.next(this.lemmatiseAndTokenise, { foreach: chunks });
  }

  /** The slow part, in parallel. */
  @step lemmatiseAndTokenise(chunk: CleanPost[]) {
    this.tokenised = chunk.map((post) => {
      const title = readWords(post.cleanTitle);
      const text = readWords(post.cleanText);
      return { ...post, titleTokens: title.tokens, titleLemmas: title.lemmas, textTokens: text.tokens, textLemmas: text.lemmas };
    });
    console.log(`chunk ${this.index}: ${chunk.length} posts`);
    this.next(this.joinChunks);
  }

  @retry
  @step
  joinChunks(inputs: Inputs<this>) {
    this.tokenised = inputs.flatMap((input) => input.tokenised);
    this.next(this.removeStopWords);
  }

  @step removeStopWords() {
    this.processed = this.tokenised.map((post) => ({
      ...post,
      titleTokens: removeStopWords(post.titleTokens),
      textTokens: removeStopWords(post.textTokens),
      titleLemmas: removeStopWords(post.titleLemmas),
      textLemmas: removeStopWords(post.textLemmas),
    }));
    this.next(this.saveData);
  }

  /** Writes the result, unless this is a test; on the machine that started the run, wherever the other steps ran. */
  @local
  @step
  async saveData() {
    const file = join(this.output, `${this.category}.csv`);
    if (this.test) {
      console.log("a test: nothing saved");
    } else {
      await writePosts(file, this.processed);
      console.log(`wrote ${this.processed.length} posts to ${file}`);
    }
    this.next(this.end);
  }

  @step end() {
    console.log(`first post in short: ${this.processed[0]?.textLemmas.join(" ")}`);
  }
}
