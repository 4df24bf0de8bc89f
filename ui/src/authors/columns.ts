import type { AuthorRow, AuthorSort } from '../ipc';
import type { Column } from '../list/columns';
import { m } from '../paraglide/messages';
import { figure, life } from '../words';

/** The columns of the list of authors. */
export const authorColumns: readonly Column<AuthorRow, AuthorSort>[] = [
  { id: 'name', label: m.name, track: 'minmax(0, 4fr)', from: 0, sort: 'name', text: (row) => row.sort_name },
  { id: 'printed', label: m.as_printed, track: 'minmax(0, 3fr)', from: 44, text: (row) => row.name },
  {
    id: 'life',
    label: m.life,
    track: '8.5rem',
    from: 0,
    text: (row) => life(row.birth_year, row.death_year),
    figures: true,
  },
  {
    id: 'books',
    label: m.books,
    track: '3.5rem',
    from: 0,
    text: (row) => (row.books === 0 ? '' : figure(row.books)),
    figures: true,
    atEnd: true,
  },
];
