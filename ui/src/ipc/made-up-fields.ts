import type { RecordField, RecordKind } from './bindings';
import type { MadeUpAuthor, MadeUpBook } from './made-up';

/** The fields of the made-up records, in their order, with what is special of each. */
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
