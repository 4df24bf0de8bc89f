/** The kinds of records as a table: what is special about the list of each. Everything else is the same for all. */
import { authorColumns } from '../authors/columns';
import { bookColumns } from '../books/columns';
import type { RecordKind, TableName } from '../ipc';
import { m } from '../paraglide/messages';
import type { Special } from './columns';

export interface ListKind {
  /** What the list is called. */
  label: () => string;
  /** What its empty search box says. */
  search: () => string;
  /** The label for making a new record. */
  make: () => string;
  /** The other tables that a row shows something of. */
  shows: readonly TableName[];
  /** What is special about its columns, and columns that only the window has. */
  columns: Record<string, Special>;
  /** The columns that are shown unless somebody wants others; if omitted, those that the core names. */
  first?: readonly string[];
}

export const listKinds: Record<RecordKind, ListKind> = {
  book: {
    label: m.books,
    search: m.search_books,
    make: m.add_book,
    shows: ['author', 'contribution'],
    columns: bookColumns,
  },
  author: {
    label: m.authors,
    search: m.search_authors,
    make: m.add_author,
    shows: ['book'],
    columns: authorColumns,
    first: ['sort_name', 'name', 'life', 'books'],
  },
};
