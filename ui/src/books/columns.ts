import type { ListRow } from '../ipc';
import type { Special } from '../list/columns';

/** "Earthsea 3", as it appears after a title. */
function inSeries({ cells }: ListRow): string {
  return [cells.series, cells.series_position].filter(Boolean).join(' ');
}

/** What is special about the columns of books. */
export const bookColumns: Record<string, Special> = {
  title: {
    track: 'minmax(0, 5fr)',
    needs: ['title', 'subtitle'],
    aside: (row) => row.cells.subtitle ?? '',
  },
  author: { track: 'minmax(0, 3fr)' },
  authors: { track: 'minmax(0, 3fr)' },
  series: { from: 48, needs: ['series', 'series_position'], text: inSeries },
  isbn: { from: 58 },
};
