import type { Code, ImportTally } from './bindings';
import { checkDigit, sortName, type MadeUp, type MadeUpAuthor } from './made-up';
import { Fault } from './port';

/** Says no, as the core does. */
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

/** A title as it is sorted. */
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

/** What was typed into a field of a book, as it is kept; refused when it breaks a rule. */
export function parsed(made: MadeUp, field: string, text: string, id: string): string | number | null {
  const value = text.trim();
  if (!value) return field === 'title' ? refuse('invalid', 'title', 'Title: a book needs a title.') : null;
  if (field === 'published_year' || field === 'page_count') {
    if (!/^-?\d{1,4}$/.test(value))
      refuse('invalid', field, 'Year: write a whole number such as 1969, or -380 for 380 BCE.');
    return Number(value);
  }
  if (field !== 'isbn') return value;
  const digits = value.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) refuse('invalid', 'isbn', 'ISBN: it needs 10 or 13 digits.');
  if (checkDigit(digits.slice(0, 12)) !== Number(digits[12])) {
    refuse('invalid', 'isbn', `ISBN: the last digit should be ${checkDigit(digits.slice(0, 12))}.`);
  }
  for (const other of made.books.values()) {
    if (other.isbn === digits && other.id !== id)
      refuse('duplicate', 'isbn', `ISBN: “${other.title}” has this one already.`);
  }
  return digits;
}

/** The same of an author. */
export function parsedOfAuthor(author: MadeUpAuthor, field: string, text: string): string | number | null {
  const value = text.trim();
  if (field === 'name' && !value) refuse('invalid', 'name', 'Name: an author needs a name.');
  if (field === 'sort_name' && !value) return sortName(author.name);
  if (field !== 'birth_year' && field !== 'death_year') return value || null;
  if (!/^(-?\d{1,4})?$/.test(value)) refuse('invalid', field, 'Year: write a whole number such as 1969.');
  return value ? Number(value) : null;
}

/** What an import of so many books came to; every file but the sample has a row with something wrong in it. */
export function tallyOf(path: string, imported: number): ImportTally {
  const problems = path === 'sample' ? [] : [{ line: 7, field: 'isbn', reason: 'the last digit should be 4' }];
  const rejected = path === 'sample' ? null : '/books.rejected.csv';
  return { imported, updated: 0, skipped: 0, problems_total: problems.length, problems, rejected };
}

/** The answer of a core that cannot use what it was given. */
export function refused(message: string): Promise<never> {
  return Promise.reject(new Fault({ code: 'invalid', field: null, message }));
}
