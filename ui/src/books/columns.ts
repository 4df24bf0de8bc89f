import type { BookRow, BookSort } from '../ipc';
import type { Column } from '../list/columns';
import { m } from '../paraglide/messages';
import { year } from '../words';

/** "Earthsea 3", as it stands behind a title. */
function inSeries(row: BookRow): string {
  return [row.series, row.series_position].filter(Boolean).join(' ');
}

/** The columns of the list of books, in the order in which they find room. */
export const bookColumns: readonly Column<BookRow, BookSort>[] = [
  {
    id: 'title',
    label: m.title,
    track: 'minmax(0, 5fr)',
    from: 0,
    sort: 'title',
    text: (row) => row.title,
    aside: (row) => row.subtitle ?? '',
  },
  { id: 'author', label: m.author, track: 'minmax(0, 3fr)', from: 0, sort: 'author', text: (row) => row.author },
  { id: 'series', label: m.series, track: 'minmax(0, 2fr)', from: 48, text: inSeries },
  {
    id: 'year',
    label: m.published_year,
    track: '4rem',
    from: 0,
    sort: 'published_year',
    text: (row) => year(row.published_year),
    figures: true,
    atEnd: true,
  },
  { id: 'isbn', label: m.isbn, track: '7.5rem', from: 58, text: (row) => row.isbn ?? '', figures: true },
];
