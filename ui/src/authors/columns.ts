import { number, type Special } from '../list/columns';
import { m } from '../paraglide/messages';
import { life } from '../words';

/** What is special about the columns of authors. */
export const authorColumns: Record<string, Special> = {
  sort_name: { label: m.name, track: 'minmax(0, 4fr)' },
  name: { label: m.as_printed, track: 'minmax(0, 3fr)', from: 44 },
  life: {
    label: m.life,
    track: '8.5rem',
    needs: ['birth_year', 'death_year'],
    text: (row) => life(number(row, 'birth_year'), number(row, 'death_year')),
    figures: true,
  },
};
