/** How well what was typed fits a label: by words, by the beginnings of words, or by letters in their order. */
import { wordsOf } from '../list/highlight';

/** The fewest letters that are looked for apart from each other: two letters are in nearly every label. */
const APART_MIN = 3;

/** The best rank, that of a label that begins with what was typed. */
const BEGINS = 0;
const EACH_WORD = 1;
/** The rank of a label that only has the letters, with others between them. */
export const LETTERS = 2;

/** How well it fits, best first; null if it does not. */
export function rank(label: string, typed: string): number | null {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return BEGINS;
  // Dots and brackets between words are not typed.
  const words = wordsOf(label.replace(/[^\p{L}\p{N}\p{M}]+/gu, ' '));
  if (words.join(' ').startsWith(wanted.join(' '))) return BEGINS;
  if (wanted.every((part) => words.some((word) => word.startsWith(part)))) return EACH_WORD;
  const letters = wanted.join('');
  const begins = letters.length >= APART_MIN && words.some((word) => word[0] === letters[0]);
  return begins && isWithin(letters, words.join('')) ? LETTERS : null;
}

/** Whether a text has these letters in this order. */
function isWithin(letters: string, text: string): boolean {
  let at = 0;
  for (const letter of text) if (letter === letters[at]) at++;
  return at === letters.length;
}
