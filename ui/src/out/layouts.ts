/** The lists that are printed, as a table: what order they are in, what each row says, and what gathers rows. */
import type { ListRow, RecordKind } from '../ipc';
import { number } from '../list/columns';
import { m } from '../paraglide/messages';
import { figure, life, year } from '../words';

export interface PrintColumn {
  label: () => string;
  text: (row: ListRow) => string;
  /** What follows the text, less prominently. */
  aside?: (row: ListRow) => string;
  /** Its width; as much as is left, if omitted. */
  width?: string;
  figures?: boolean;
}

export interface Layout {
  id: 'shelf' | 'by_author' | 'people';
  kind: RecordKind;
  title: () => string;
  /** The order of the rows. */
  sort: string;
  /** The core's cells that it says something of. */
  needs: readonly string[];
  columns: readonly PrintColumn[];
  /** What a row stands under, if rows are gathered. */
  heading?: (row: ListRow) => string;
}

const said =
  (name: string) =>
  ({ cells }: ListRow): string =>
    cells[name] ?? '';

const TITLE: PrintColumn = { label: m.title, text: said('title'), aside: said('subtitle') };
const YEAR: PrintColumn = {
  label: m.published_year,
  text: (row) => year(number(row, 'published_year')),
  width: '4em',
  figures: true,
};
const SHELF_MARK: PrintColumn = { label: m.shelf_mark, text: said('shelf_mark'), width: '9em' };

/** Every list that can be printed; the first of a kind is what is printed unless somebody wants another. */
export const LAYOUTS: readonly Layout[] = [
  {
    id: 'shelf',
    kind: 'book',
    title: m.print_shelf,
    sort: 'shelf_mark',
    needs: ['shelf_mark', 'author', 'title', 'subtitle', 'published_year'],
    columns: [SHELF_MARK, { label: m.author, text: said('author'), width: '30%' }, TITLE, YEAR],
  },
  {
    id: 'by_author',
    kind: 'book',
    title: m.print_by_author,
    sort: 'author',
    needs: ['author', 'title', 'subtitle', 'publisher', 'published_year', 'shelf_mark'],
    columns: [TITLE, { label: m.publisher, text: said('publisher'), width: '24%' }, YEAR, SHELF_MARK],
    heading: ({ cells }) => cells.author ?? m.print_nobody(),
  },
  {
    id: 'people',
    kind: 'author',
    title: m.print_people,
    sort: 'sort_name',
    needs: ['sort_name', 'birth_year', 'death_year', 'books'],
    columns: [
      { label: m.name, text: said('sort_name') },
      { label: m.life, text: (row) => life(number(row, 'birth_year'), number(row, 'death_year')), width: '10em' },
      { label: m.books, text: (row) => figure(number(row, 'books') ?? 0), width: '5em', figures: true },
    ],
  },
];

/** Rows under a heading. */
export interface Section {
  heading: string | null;
  rows: ListRow[];
}

/** Rows, gathered as a layout wants it. */
export function sectionsOf({ heading }: Layout, rows: readonly ListRow[]): Section[] {
  if (!heading) return [{ heading: null, rows: [...rows] }];
  const sections: Section[] = [];
  for (const row of rows) {
    const over = heading(row);
    const last = sections.at(-1);
    if (last?.heading === over) last.rows.push(row);
    else sections.push({ heading: over, rows: [row] });
  }
  return sections;
}
