import type { ContributionRow, ListQuery, RecordKind, Rows } from './bindings';
import type { MadeUp } from './made-up';
import { folded, sortKey } from './made-up-rules';

/** What a record says in every column in which it has something. */
export function cellsOf(made: MadeUp, kind: RecordKind, id: string): Record<string, string | undefined> {
  const record = (kind === 'book' ? made.books : made.authors).get(id);
  const said = Object.entries(record ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  const cells = Object.fromEntries(said) as Record<string, string | undefined>;
  return { ...cells, author: made.authors.get(cells.author_id ?? '')?.name };
}

/**
 * The ids of the records that a query finds, in its order: words and order are handled only as far as a screen needs.
 */
export function matching(made: MadeUp, kind: RecordKind, query: ListQuery): string[] {
  const words = folded(query.text).split(/\s+/).filter(Boolean);
  const found: { id: string; key: string }[] = [];
  for (const id of (kind === 'book' ? made.books : made.authors).keys()) {
    const { author, author_id, isbn, name, title, ...cells } = cellsOf(made, kind, id);
    const tags = made.lists.get(`${id}/tags`) ?? [];
    const has = tags.map((tag) => tag.filter ?? '');
    const said = { ...cells, author, author_id, isbn, name, title };
    if (!query.filters.every((wanted) => has.includes(wanted) || holds(said, wanted))) continue;
    const text = folded([title, author, isbn, name].join(' '));
    if (!words.every((word) => text.includes(word))) continue;
    const key = { author, isbn, name, title, ...cells }[query.sort];
    found.push({ id, key: key === undefined ? LAST : sortKey(key) });
  }
  found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (query.descending) found.reverse();
  return found.map(({ id }) => id);
}

/** Whether a filter holds for what a record says. */
function holds(said: Record<string, string | undefined>, filter: string): boolean {
  const [, name = '', sign = '', value = ''] = /^(\w+)(!:|:|~)(.*)$/.exec(filter) ?? [];
  const text = said[name];
  if (sign === '~') return folded(text ?? '').includes(folded(value));
  if (value === 'none') return text === undefined;
  if (value === 'any') return text !== undefined;
  const is = text === value || (name === 'author' && said.author_id === value);
  return sign === '!:' ? !is : is;
}

/** The place of a record among those that a query finds. */
export function placeOf(found: string[], id: string): number | null {
  const at = found.indexOf(id);
  return at < 0 ? null : at;
}

/** How many people are offered for a name. */
const SUGGESTIONS = 8;

/** A few people who may be meant by a name. */
export function named(made: MadeUp, text: string): string[] {
  const query = { text, filters: [], sort: 'sort_name', descending: false };
  return matching(made, 'author', query).slice(0, SUGGESTIONS);
}

/** Stands behind every other text. */
const LAST = '\u{10ffff}';

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
