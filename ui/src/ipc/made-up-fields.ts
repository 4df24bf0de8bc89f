import type { ListColumn, RecordField, RecordKind } from './bindings';
import type { MadeUpAuthor, MadeUpBook } from './made-up';

/** The fields of the made-up records, in order, with what is special about each. */
const FIELDS: Record<RecordKind, Record<string, Partial<RecordField>>> = {
  book: {
    title: { head: true, required: true },
    subtitle: { head: true },
    isbn: { kind: 'isbn', figures: true },
    publisher: {},
    published_year: { kind: 'year', figures: true },
    language: { kind: 'language' },
    page_count: { kind: 'number', figures: true },
    series: {},
    series_position: { figures: true },
    notes: { kind: 'lines', lines: true },
  },
  author: {
    name: { head: true, required: true },
    sort_name: { head: true },
    birth_year: { kind: 'year', figures: true },
    death_year: { kind: 'year', figures: true },
    email: { kind: 'email' },
    website: { kind: 'website' },
    notes: { kind: 'lines', lines: true },
  },
};

/** What was typed, converted to the kind of thing that the field holds. */
export function kept(kind: RecordKind, field: string, text: string): string | number | null {
  const typed = text.trim();
  if (typed === '') return null;
  return ['year', 'number'].includes(FIELDS[kind][field]?.kind ?? '') ? Number(typed) : typed;
}

/** A made-up record, as the core describes one. */
export function fieldsOf(kind: RecordKind, record: MadeUpBook | MadeUpAuthor): RecordField[] {
  const values = new Map<string, string | number | null>(Object.entries(record));
  return Object.entries(FIELDS[kind]).map(([name, special]) => ({
    name,
    value: String(values.get(name) ?? ''),
    kind: 'line',
    choices: [],
    required: false,
    lines: false,
    figures: false,
    head: false,
    ...special,
  }));
}

/** The columns that are shown at first, and those that are not fields. */
const FIRST: Record<RecordKind, readonly string[]> = {
  book: ['title', 'author', 'series', 'published_year', 'isbn'],
  author: ['sort_name', 'name', 'birth_year', 'death_year', 'books'],
};
const OWN: Record<RecordKind, Record<string, Partial<ListColumn>>> = {
  book: { author: { sortable: true } },
  author: { books: { figures: true } },
};

function positionOf(kind: RecordKind, name: string): number | null {
  const position = FIRST[kind].indexOf(name);
  return position < 0 ? null : position;
}

/** The columns of a list, as the core describes them. */
export function columnsOf(kind: RecordKind): ListColumn[] {
  const fields = Object.entries(FIELDS[kind]).map(([name, special]) => {
    const { kind: word = 'line', figures = false } = special;
    return { name, kind: word, figures, sortable: word !== 'lines', first: positionOf(kind, name) };
  });
  const own = Object.entries(OWN[kind]).map(([name, special]) => {
    return { name, kind: 'own', figures: false, sortable: false, first: positionOf(kind, name), ...special };
  });
  return [...fields, ...own];
}
