import model from "wink-eng-lite-web-model";
import winkNLP, { type TokenItsFunction } from "wink-nlp";

const nlp = winkNLP(model);
const { its } = nlp;
// wink-nlp declares its.lemma with one argument less than the functions that `out` takes.
const lemma = its.lemma as TokenItsFunction<string>;

/** Makes a post's text plain: no links, no “somebody wrote”, no emojis, no leftovers of HTML, small letters. */
export function clean(text: string): string {
  return text
    .replaceAll(/https?:\/\/\S+|www\.\S+/g, " ")
    .replaceAll("&amp;", " and ")
    .replaceAll("&", " and ")
    .replaceAll(/[>=]/g, " ")
    .replaceAll(/\w+ (wrote: »|said:)/g, " ")
    .replaceAll(/\p{Extended_Pictographic}/gu, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

/** The words of a text, without punctuation: as they stand (tokens) and in dictionary form (lemmas). */
export function readWords(text: string): { tokens: string[]; lemmas: string[] } {
  const words = nlp
    .readDoc(text)
    .tokens()
    .filter((token) => token.out(its.type) === "word");
  return { tokens: words.out(its.normal), lemmas: words.out(lemma) };
}

/** Leaves out the words that every English text has: the, and, is … */
export function removeStopWords(words: readonly string[]): string[] {
  return words.filter((word) => !isStopWord(word));
}

const known = new Map<string, boolean>();

function isStopWord(word: string): boolean {
  let answer = known.get(word);
  if (answer === undefined) {
    answer = nlp.readDoc(word).tokens().itemAt(0).out(its.stopWordFlag) === true;
    known.set(word, answer);
  }
  return answer;
}
