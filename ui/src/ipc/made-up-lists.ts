import type { AuthorQuery, AuthorRow, BookQuery, BookRow, ContributionRow, Rows } from './bindings';
import type { MadeUp, MadeUpBook } from './made-up';
import { folded, sortKey } from './made-up-rules';

function wordsOf(text: string): string[] {
  return folded(text).split(/\s+/).filter(Boolean);
}

function ordered<T>(all: T[], key: (one: T) => string, descending: boolean): T[] {
  const keyed = all.map((one) => ({ one, key: key(one) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (descending) keyed.reverse();
  return keyed.map(({ one }) => one);
}

/** The books that a query finds, in its order. */
export function matchingBooks(made: MadeUp, query: BookQuery): MadeUpBook[] {
  const words = wordsOf(query.text);
  const key = (book: MadeUpBook) => {
    if (query.sort === 'author') return folded(made.authors.get(book.author_id ?? '')?.sort_name ?? '');
    if (query.sort === 'published_year') return String(10_000 + (book.published_year ?? 99_999)).padStart(7, '0');
    return sortKey(book.title);
  };
  const matching = [...made.books.values()].filter((book) => {
    if (query.author !== null && book.author_id !== query.author) return false;
    if (words.length === 0) return true;
    const text = folded(`${book.title} ${made.authors.get(book.author_id ?? '')?.name ?? ''} ${book.isbn ?? ''}`);
    return words.every((word) => text.includes(word));
  });
  return ordered(matching, key, query.descending);
}

/** The authors that a query finds, in its order. */
export function matchingAuthors(made: MadeUp, query: AuthorQuery, waits: (id: string) => boolean): AuthorRow[] {
  const words = wordsOf(query.text);
  const counts = new Map<string, number>();
  for (const { author_id } of made.books.values()) {
    if (author_id !== null) counts.set(author_id, (counts.get(author_id) ?? 0) + 1);
  }
  const rows = [...made.authors.values()]
    .filter((author) => words.every((word) => folded(author.name).includes(word)))
    .map(({ id, name, sort_name, birth_year, death_year }) => {
      return { id, name, sort_name, birth_year, death_year, books: counts.get(id) ?? 0, waiting: waits(id) };
    });
  return ordered(rows, (row) => folded(row.sort_name), query.descending);
}

/** What an author contributed to the books of others. */
export function contributionsBy(made: MadeUp, author: string): ContributionRow[] {
  return [...made.contributions.values()].flatMap(({ id, book_id, author_id, role }) => {
    const book = made.books.get(book_id);
    if (author_id !== author || !book) return [];
    return [{ id, book: book.id, title: book.title, published_year: book.published_year, role }];
  });
}

/** One page of a list. */
export function pageOf<T>(all: T[], page: number, per_page: number): Rows<T> {
  const from = (page - 1) * per_page;
  const meta = { page, per_page, total: all.length, pages: Math.ceil(all.length / per_page) };
  return { items: all.slice(from, from + per_page), meta };
}

/** A book as the list shows it. */
export function rowOf(made: MadeUp, book: MadeUpBook, waiting: boolean): BookRow {
  const author = made.authors.get(book.author_id ?? '')?.name ?? '';
  const { id, title, subtitle, published_year, isbn, series, series_position } = book;
  return { id, title, subtitle, author, published_year, isbn, series, series_position, waiting };
}
