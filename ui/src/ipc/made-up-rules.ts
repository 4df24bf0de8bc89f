import type { Code, ImportTally } from './bindings';
import type { MadeUp } from './made-up';
import { Fault } from './port';

/** Refuses, as the core does. */
export function refuse(code: Code, field: string | null, message: string): never {
  throw new Fault({ code, field, message });
}

/** A text without case and accents. */
export function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ø/g, 'o')
    .replace(/ł/g, 'l')
    .replace(/ß/g, 'ss');
}

/** A title in the form in which it is sorted. */
export function sortKey(title: string): string {
  return folded(title).replace(/^(the|an|a) /, '');
}

/** All three tables, to be changed without changing the others. */
export function copyOf(made: MadeUp): MadeUp {
  const { authors, books, contributions, lists } = made;
  return {
    authors: new Map(authors),
    books: new Map(books),
    contributions: new Map(contributions),
    lists: new Map(lists),
  };
}

/** The result of an import of this many books; every file except the sample has one row with something wrong in it. */
export function tallyOf(path: string, imported: number): ImportTally {
  const problems = path === 'sample' ? [] : [{ line: 7, field: 'isbn', reason: 'the last digit should be 4' }];
  const rejected = path === 'sample' ? null : '/books.rejected.csv';
  return { imported, updated: 0, skipped: 0, problems_total: problems.length, problems, rejected, reading: [] };
}

/** The answer of a core that cannot use what it was given. */
export function refused(message: string): Promise<never> {
  return Promise.reject(new Fault({ code: 'invalid', field: null, message }));
}
