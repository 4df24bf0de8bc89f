/** A stretch of a text, and whether the search matched it. */
export interface Stretch {
  text: string;
  matched: boolean;
}

/** Letters that decomposition leaves alone but the core's search folds all the same. */
const LETTERS: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ħ: 'h',
};

function fold(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return bare.replace(/[øłđðþßæœıħ]/g, (letter) => LETTERS[letter] ?? letter);
}

/** The folded words of what was typed into the search box. */
export function wordsOf(search: string): string[] {
  return fold(search).split(/\s+/).filter(Boolean);
}

/**
 * Cuts a text into stretches that match one of the folded words and stretches that do not.
 *
 * Folding changes lengths (ß becomes ss), so every folded letter remembers the letter of the text that it came from,
 * and a match covers whole letters.
 */
export function stretches(text: string, words: readonly string[]): Stretch[] {
  if (words.length === 0 || text === '') return [{ text, matched: false }];
  let folded = '';
  const from: number[] = [];
  const lengths: number[] = [];
  let at = 0;
  for (const letter of text) {
    const piece = fold(letter);
    folded += piece;
    from.push(...Array.from({ length: piece.length }, () => at));
    lengths[at] = letter.length;
    at += letter.length;
  }
  const matched = new Uint8Array(text.length);
  for (const word of words) {
    for (let found = folded.indexOf(word); found >= 0; found = folded.indexOf(word, found + 1)) {
      const last = from[found + word.length - 1] ?? 0;
      matched.fill(1, from[found] ?? 0, last + (lengths[last] ?? 1));
    }
  }
  const cut: Stretch[] = [];
  for (let begin = 0; begin < text.length;) {
    let end = begin + 1;
    while (end < text.length && matched[end] === matched[begin]) end++;
    cut.push({ text: text.slice(begin, end), matched: matched[begin] === 1 });
    begin = end;
  }
  return cut;
}
