/** A text and its change, cut where they differ. */
export interface Difference {
  begin: string;
  removed: string;
  added: string;
  end: string;
}

/** Whether this place would cut a letter of two halves. */
function cuts(text: string, at: number): boolean {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) && /[\uD800-\uDBFF]/.test(text.charAt(at - 1));
}

/** What two texts have in common at their ends, and the stretch in between that one has in place of the other's. */
export function difference(before: string, after: string): Difference {
  const shorter = Math.min(before.length, after.length);
  let begin = 0;
  while (begin < shorter && before[begin] === after[begin]) begin++;
  while (cuts(before, begin) || cuts(after, begin)) begin--;
  let end = 0;
  while (end < shorter - begin && before.at(-1 - end) === after.at(-1 - end)) end++;
  while (cuts(before, before.length - end) || cuts(after, after.length - end)) end--;
  return {
    begin: before.slice(0, begin),
    removed: before.slice(begin, before.length - end),
    added: after.slice(begin, after.length - end),
    end: before.slice(before.length - end),
  };
}
